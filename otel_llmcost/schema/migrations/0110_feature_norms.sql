-- Grain: as before. A cost that nobody knew in all of the week is NULL: with 0, all that the calls cost once they have a
-- price would be excess.
-- Source: watched_hours, by query detect_norms.
ALTER TABLE llmcost.feature_norms ${on_cluster}
    MODIFY COLUMN usd Nullable(Float64) COMMENT 'of a call; like input, output and hour NULL where nothing is priced',
    MODIFY COLUMN input_usd Nullable(Float64) COMMENT 'of a call',
    MODIFY COLUMN output_usd Nullable(Float64) COMMENT 'of a call',
    MODIFY COLUMN hour_usd Nullable(Float64) COMMENT 'of an hour with calls: median'
