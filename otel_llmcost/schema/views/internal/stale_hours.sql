-- Grain: one row per hour whose rollup may be behind its records: something arrived for it since the last
-- refresh, or less than two minutes before it (an INSERT takes its time from its start, not its commit).
-- Source: llm_calls, duplicate_calls, rollup_builds.
CREATE OR REPLACE VIEW llmcost_internal.stale_hours ${on_cluster} AS
WITH (SELECT max(built_at) - INTERVAL 120 SECOND FROM llmcost.rollup_builds WHERE rollup = 'hourly_spend') AS since
SELECT DISTINCT toStartOfHour(ts) AS hour
FROM llmcost.llm_calls
WHERE ingested_at >= since
UNION DISTINCT
SELECT DISTINCT toStartOfHour(ts) AS hour
FROM llmcost.duplicate_calls
WHERE found_at >= since
