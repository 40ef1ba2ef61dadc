-- Grain: as before.
-- Source: as before.
ALTER TABLE llmcost.feature_hours ${on_cluster}
    ADD COLUMN IF NOT EXISTS reasoning_tokens UInt64 COMMENT 'a part of output_tokens' CODEC(T64, ZSTD(1)) AFTER output_tokens,
    ADD COLUMN IF NOT EXISTS input_sizes Map(UInt8, UInt32) COMMENT 'calls with tokens by the size of their input' CODEC(ZSTD(1)) AFTER reasoning_tokens,
    ADD COLUMN IF NOT EXISTS output_sizes Map(UInt8, UInt32) COMMENT 'and of their output' CODEC(ZSTD(1)) AFTER input_sizes,
    ADD COLUMN IF NOT EXISTS most_input_tokens UInt64 COMMENT 'of a call' CODEC(T64, ZSTD(1)) AFTER log_output,
    ADD COLUMN IF NOT EXISTS most_output_tokens UInt64 CODEC(T64, ZSTD(1)) AFTER most_input_tokens,
    ADD COLUMN IF NOT EXISTS has_sizes UInt8 COMMENT '0: rebuilt before there were sizes' CODEC(ZSTD(1)) AFTER rebuilt_at,
    DROP COLUMN IF EXISTS log_input_sq,
    DROP COLUMN IF EXISTS log_input_mid,
    DROP COLUMN IF EXISTS log_output_sq,
    DROP COLUMN IF EXISTS log_output_mid
