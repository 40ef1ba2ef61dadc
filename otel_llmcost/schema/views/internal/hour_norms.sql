-- Grain: one row per environment, feature, model and window (the last 1, 2, 3 or 6 hours) before a moment at which
-- detection looked, with calls in it, beside what was normal then.
-- Source: feature_windows; hour_norms(now = ...).
CREATE OR REPLACE VIEW llmcost_internal.hour_norms ${on_cluster} AS
SELECT * EXCEPT (looked_at, computed_at), base_model = '*' AND base_hours > 0 AS is_inherited
FROM llmcost.feature_windows FINAL
WHERE looked_at = {now:DateTime('UTC')}
