-- Grain: one row per hour of a feature and model in an environment of the last 14 days whose calls used three times the
-- tokens that feature and model normally use, or else the longest of whose calls did.
-- Source: token_spikes_between.
CREATE OR REPLACE VIEW llmcost.token_spikes ${on_cluster} AS
SELECT *
FROM llmcost.token_spikes_between(since = toStartOfHour(now()) - INTERVAL 14 DAY, until = toStartOfHour(now()) + INTERVAL 1 HOUR)
