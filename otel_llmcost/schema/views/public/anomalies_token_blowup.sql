-- Grain: one row per hour of a feature and model in an environment of the last 14 days whose calls used three times the
-- tokens that feature and model normally use, or else the longest of whose calls did.
-- Source: token_blowups_between.
CREATE OR REPLACE VIEW llmcost.anomalies_token_blowup ${on_cluster} AS
SELECT *
FROM llmcost.token_blowups_between(since = toStartOfHour(now()) - INTERVAL 14 DAY, until = toStartOfHour(now()) + INTERVAL 1 HOUR)
