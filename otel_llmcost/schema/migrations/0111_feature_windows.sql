-- Grain: as before. A cost that nobody knew is NULL, as in feature_norms.
-- Source: feature_hours, feature_norms, by query detect_windows.
ALTER TABLE llmcost.feature_windows ${on_cluster}
    MODIFY COLUMN base_usd Nullable(Float64),
    MODIFY COLUMN base_input_usd Nullable(Float64),
    MODIFY COLUMN base_output_usd Nullable(Float64),
    MODIFY COLUMN hour_usd Nullable(Float64)
