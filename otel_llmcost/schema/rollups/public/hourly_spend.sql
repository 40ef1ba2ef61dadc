-- Grain: one row per hour, environment, service, feature, team, provider, model, operation, mode and call site.
-- Costs are NULL when nothing in the row is priced.
-- Source: calls.
-- Bucket: hour
-- Rebuilt: often
-- Retention: rollup_ttl_days
CREATE TABLE llmcost.hourly_spend
(
    hour DateTime('UTC') CODEC(Delta(4), ZSTD(1)),
    environment LowCardinality(String) CODEC(ZSTD(1)),
    service LowCardinality(String) CODEC(ZSTD(1)),
    feature LowCardinality(String) CODEC(ZSTD(1)),
    team LowCardinality(String) CODEC(ZSTD(1)),
    provider LowCardinality(String) CODEC(ZSTD(1)),
    model LowCardinality(String) CODEC(ZSTD(1)),
    operation LowCardinality(String) CODEC(ZSTD(1)),
    mode LowCardinality(String) CODEC(ZSTD(1)),
    call_site LowCardinality(String) CODEC(ZSTD(1)),
    calls UInt64 CODEC(T64, ZSTD(1)),
    replies UInt64 CODEC(T64, ZSTD(1)),
    errors UInt64 CODEC(T64, ZSTD(1)),
    priced_calls UInt64 CODEC(T64, ZSTD(1)),
    unpriced_calls UInt64 CODEC(T64, ZSTD(1)),
    input_tokens UInt64 CODEC(T64, ZSTD(1)),
    uncached_input_tokens UInt64 CODEC(T64, ZSTD(1)),
    cache_read_tokens UInt64 CODEC(T64, ZSTD(1)),
    cache_write_tokens UInt64 CODEC(T64, ZSTD(1)),
    output_tokens UInt64 CODEC(T64, ZSTD(1)),
    reasoning_tokens UInt64 CODEC(T64, ZSTD(1)),
    cost_usd Nullable(Decimal(38, 12)) CODEC(ZSTD(1)),
    cost_input_usd Nullable(Decimal(38, 12)) CODEC(ZSTD(1)),
    cost_cache_read_usd Nullable(Decimal(38, 12)) CODEC(ZSTD(1)),
    cost_cache_write_usd Nullable(Decimal(38, 12)) CODEC(ZSTD(1)),
    cost_output_usd Nullable(Decimal(38, 12)) CODEC(ZSTD(1)),
    cost_tools_usd Nullable(Decimal(38, 12)) CODEC(ZSTD(1)),
    contracted_cost_usd Nullable(Decimal(38, 12)) CODEC(ZSTD(1)),
    duration_ms_sum UInt64 CODEC(T64, ZSTD(1)),
    max_call_cost_usd Nullable(Decimal(18, 12)) CODEC(ZSTD(1))
)
ORDER BY (hour, feature, model, environment, service, team, provider, operation, mode, call_site)
AS
SELECT
    toStartOfHour(c.ts) AS hour,
    c.environment AS environment,
    c.service AS service,
    c.feature AS feature,
    c.team AS team,
    c.provider AS provider,
    c.model AS model,
    c.operation AS operation,
    c.mode AS mode,
    c.call_site AS call_site,
    count() AS calls,
    sum(c.replies) AS replies,
    countIf(c.error_type != '') AS errors,
    countIf(c.cost_usd IS NOT NULL) AS priced_calls,
    countIf(c.cost_usd IS NULL) AS unpriced_calls,
    sum(c.input_tokens) AS input_tokens,
    sum(c.uncached_input_tokens) AS uncached_input_tokens,
    sum(c.cache_read_tokens) AS cache_read_tokens,
    sum(c.cache_write_tokens) AS cache_write_tokens,
    sum(c.output_tokens) AS output_tokens,
    sum(c.reasoning_tokens) AS reasoning_tokens,
    sum(c.cost_usd) AS cost_usd,
    sum(c.cost_input_usd) AS cost_input_usd,
    sum(c.cost_cache_read_usd) AS cost_cache_read_usd,
    sum(c.cost_cache_write_usd) AS cost_cache_write_usd,
    sum(c.cost_output_usd) AS cost_output_usd,
    sum(c.cost_tools_usd) AS cost_tools_usd,
    sum(c.contracted_cost_usd) AS contracted_cost_usd,
    sum(c.duration_ms) AS duration_ms_sum,
    max(c.cost_usd) AS max_call_cost_usd
FROM llmcost.calls AS c
GROUP BY hour, environment, service, feature, team, provider, model, operation, mode, call_site
