-- Grain: one row per hour, environment, feature and model of the calls with tokens that started in
-- [{since:DateTime64(3)}, {until:DateTime64(3)}), computed from the records themselves.
-- Source: calls. Read token_hours instead.
CREATE OR REPLACE VIEW llmcost.token_groups ${on_cluster} AS
SELECT
    day, hour, environment, feature, model,
    count() AS calls,
    avg(tokens) AS mean_tokens,
    toFloat64(medianExact(tokens)) AS median_tokens,
    max(tokens) AS max_tokens,
    sum(usd) AS cost_usd,
    argMax((ts, usd, record_id, trace_id), (tokens, record_id)) AS longest,
    longest.1 AS longest_ts,
    longest.2 AS longest_usd,
    longest.3 AS longest_record_id,
    longest.4 AS longest_trace_id
FROM
(
    SELECT
        toDate(c.ts) AS day, toStartOfHour(c.ts) AS hour, c.environment AS environment, c.feature AS feature, c.model AS model,
        c.input_tokens + c.output_tokens AS tokens, c.cost_usd AS usd, c.ts AS ts, c.record_id AS record_id, c.trace_id AS trace_id
    FROM llmcost.calls AS c
    WHERE c.ts >= {since:DateTime64(3)} AND c.ts < {until:DateTime64(3)} AND tokens > 0
)
GROUP BY day, hour, environment, feature, model
