-- Grain: one row of llm_cost_1h per group of a stale hour, plus one marker row (calls = 0) per stale hour,
-- so that an hour all of whose groups vanished counts as rebuilt too.
-- Source: hour_groups, stale_hours; a refresh appends it to llm_cost_1h.
CREATE OR REPLACE VIEW llmcost.stale_hours_rebuilt ${on_cluster} AS
-- One now64() for groups and markers: a marker that is newer than its groups would hide them.
SELECT *, now64(3) AS rebuilt_at
FROM
(
    SELECT *
    FROM llmcost.hour_groups
    WHERE hour IN (SELECT hour FROM llmcost.stale_hours)
    UNION ALL
    SELECT
        hour, '' AS environment, '' AS service, '' AS feature, '' AS team, '' AS provider, '' AS model,
        '' AS operation, '' AS mode, '' AS call_site,
        0 AS calls, 0 AS replies, 0 AS errors, 0 AS priced_calls, 0 AS unpriced_calls,
        0 AS input_tokens, 0 AS uncached_input_tokens, 0 AS cache_read_tokens, 0 AS cache_write_tokens,
        0 AS output_tokens, 0 AS reasoning_tokens,
        NULL AS cost_usd, NULL AS cost_input_usd, NULL AS cost_cache_read_usd, NULL AS cost_cache_write_usd,
        NULL AS cost_output_usd, NULL AS cost_tools_usd, NULL AS contracted_cost_usd,
        0 AS duration_ms_sum, NULL AS max_call_cost_usd
    FROM llmcost.stale_hours
)
