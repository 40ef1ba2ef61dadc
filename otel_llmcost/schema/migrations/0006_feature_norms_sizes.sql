-- Grain: as before.
-- Source: as before.
ALTER TABLE llmcost.feature_norms ${on_cluster}
    ADD COLUMN IF NOT EXISTS age UInt32 COMMENT 'hours since the first call of the feature in this place, 192 at most' AFTER model,
    ADD COLUMN IF NOT EXISTS most_input_tokens UInt64 COMMENT 'of a call' AFTER most_per_session,
    ADD COLUMN IF NOT EXISTS most_output_tokens UInt64 AFTER most_input_tokens,
    COMMENT COLUMN usd 'of a call; like input and output NULL where nothing is priced',
    DROP COLUMN IF EXISTS log_input_mid,
    DROP COLUMN IF EXISTS log_input_within,
    DROP COLUMN IF EXISTS log_input_between,
    DROP COLUMN IF EXISTS log_input_most,
    DROP COLUMN IF EXISTS log_output_mid,
    DROP COLUMN IF EXISTS log_output_within,
    DROP COLUMN IF EXISTS log_output_between,
    DROP COLUMN IF EXISTS log_output_most,
    DROP COLUMN IF EXISTS hour_usd,
    DROP COLUMN IF EXISTS log_call_usd,
    DROP COLUMN IF EXISTS log_call_usd_spread
