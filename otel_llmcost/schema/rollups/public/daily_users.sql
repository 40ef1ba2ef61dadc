-- Grain: one row per day, user, environment, service, feature and team.
-- Source: calls.
-- Bucket: day
-- Follows: hourly_spend
-- Retention: rollup_ttl_days
CREATE TABLE llmcost.daily_users
(
    day Date CODEC(Delta(2), ZSTD(1)),
    user_id String CODEC(ZSTD(1)),
    environment LowCardinality(String) CODEC(ZSTD(1)),
    service LowCardinality(String) CODEC(ZSTD(1)),
    feature LowCardinality(String) CODEC(ZSTD(1)),
    team LowCardinality(String) CODEC(ZSTD(1)),
    calls UInt64 CODEC(T64, ZSTD(1)),
    errors UInt64 CODEC(T64, ZSTD(1)),
    unpriced_calls UInt64 CODEC(T64, ZSTD(1)),
    input_tokens UInt64 CODEC(T64, ZSTD(1)),
    cache_read_tokens UInt64 CODEC(T64, ZSTD(1)),
    output_tokens UInt64 CODEC(T64, ZSTD(1)),
    cost_usd Nullable(Decimal(38, 12)) CODEC(ZSTD(1))
)
ORDER BY (day, user_id, feature, environment, service, team)
AS
SELECT
    toDate(c.ts) AS day,
    c.user_id AS user_id,
    c.environment AS environment,
    c.service AS service,
    c.feature AS feature,
    c.team AS team,
    count() AS calls,
    countIf(c.error_type != '') AS errors,
    countIf(c.cost_usd IS NULL) AS unpriced_calls,
    sum(c.input_tokens) AS input_tokens,
    sum(c.cache_read_tokens) AS cache_read_tokens,
    sum(c.output_tokens) AS output_tokens,
    sum(c.cost_usd) AS cost_usd
FROM llmcost.calls AS c
WHERE c.ts >= {since:DateTime64(3)} AND c.ts < {until:DateTime64(3)}
GROUP BY day, user_id, environment, service, feature, team
