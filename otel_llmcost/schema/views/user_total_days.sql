-- Grain: one row per day, user and environment of the calls that started in
-- [{since:DateTime64(3)}, {until:DateTime64(3)}), computed from the records themselves.
-- Source: calls. Read user_totals instead.
CREATE OR REPLACE VIEW llmcost.user_total_days ${on_cluster} AS
SELECT
    toDate(c.ts) AS day,
    c.user_id AS user_id,
    c.environment AS environment,
    count() AS calls,
    countIf(c.error_type != '') AS errors,
    countIf(c.cost_usd IS NULL) AS unpriced_calls,
    sum(c.input_tokens) AS input_tokens,
    sum(c.cache_read_tokens) AS cache_read_tokens,
    sum(c.output_tokens) AS output_tokens,
    sum(c.cost_usd) AS cost_usd
FROM llmcost.calls AS c
WHERE c.ts >= {since:DateTime64(3)} AND c.ts < {until:DateTime64(3)}
GROUP BY day, user_id, environment
