-- Grain: one row per day, environment, feature, provider, model and hour in which the same was requested the last time
-- (`repeated_hour`), of answered calls that repeat it within a day; `within_hour_usd` is what those cost that came within an
-- hour. Of the days from {since:DateTime64(3)}, in whole hours, to {until:DateTime64(3)} that are not rolled up, and its ends.
-- Source: llm_calls; only calls with a request fingerprint. Most calls come once: rather than to read them all through the
-- view `calls`, the few that did not are found first, and replays of a record and duplicate_calls are left out of these.
-- Bucket: day
-- Follows: hourly_spend
-- Looks back: 1 day
-- Retention: calls_ttl_days
CREATE TABLE llmcost_internal.repeat_days
(
    day Date CODEC(Delta(2), ZSTD(1)),
    environment LowCardinality(String) CODEC(ZSTD(1)),
    feature LowCardinality(String) CODEC(ZSTD(1)),
    provider LowCardinality(String) CODEC(ZSTD(1)),
    model LowCardinality(String) CODEC(ZSTD(1)),
    repeated_hour DateTime('UTC') CODEC(ZSTD(1)),
    calls UInt64 CODEC(T64, ZSTD(1)),
    cost_usd Decimal(38, 12) CODEC(ZSTD(1)),
    within_hour_usd Decimal(38, 12) CODEC(ZSTD(1))
)
ORDER BY (day, feature, model, environment, provider)
AS
WITH
    days AS
    (
        SELECT day FROM llmcost_internal.repeat_days__behind
        UNION ALL
        SELECT arrayJoin(arrayFilter(moment -> moment > toStartOfDay(moment), [{since:DateTime64(3)}, {until:DateTime64(3)}]))::Date AS day
    ),
    again AS
    (
        SELECT ts, record_id, environment, provider, model, request_fingerprint, assumeNotNull(cost_usd) AS usd,
            -- As in `calls`.
            multiIf(feature != '', feature, workflow_name != '', workflow_name, agent_name != '', agent_name,
                call_site != '', splitByString(' (', call_site)[1], 'untagged') AS name,
            cost_usd > 0 AND usage_items = '' AND batch_id = '' AND error_type = '' AND stream_outcome != 'abandoned' AS is_answer
        FROM llmcost.llm_calls
        PREWHERE ts >= toStartOfHour({since:DateTime64(3)}) - INTERVAL 1 DAY AND ts < {until:DateTime64(3)}
            AND toDate(ts) IN (SELECT arrayJoin([day - 1, day]) FROM days)
            AND cityHash64(request_fingerprint) IN
            (
                SELECT cityHash64(request_fingerprint) AS fingerprint
                FROM llmcost.llm_calls
                WHERE ts >= toStartOfHour({since:DateTime64(3)}) - INTERVAL 1 DAY AND ts < {until:DateTime64(3)} AND request_fingerprint != ''
                    AND toDate(ts) IN (SELECT arrayJoin([day - 1, day]) FROM days)
                GROUP BY fingerprint
                HAVING count() > 1
            )
        WHERE source = 'otel_llmcost'
            OR (toStartOfHour(ts), record_id) NOT IN (SELECT toStartOfHour(ts), record_id FROM llmcost.duplicate_calls)
        ORDER BY version DESC
        LIMIT 1 BY toStartOfHour(ts), record_id
    ),
    repeats AS
    (
        SELECT ts, environment, name, provider, model, usd, lagInFrame(toNullable(ts)) OVER same AS repeated_at,
            dateDiff('millisecond', repeated_at, ts) AS since_last
        FROM again
        WHERE is_answer
        WINDOW same AS (PARTITION BY environment, name, provider, model, request_fingerprint ORDER BY ts, record_id
            ROWS BETWEEN 1 PRECEDING AND CURRENT ROW)
    )
SELECT
    toDate(ts) AS day, environment, name AS feature, provider, model, toStartOfHour(assumeNotNull(repeated_at)) AS repeated_hour,
    count() AS calls, sum(usd) AS cost_usd, sumIf(usd, since_last <= 3600000) AS within_hour_usd
FROM repeats
WHERE since_last <= 86400000 AND ts >= toStartOfHour({since:DateTime64(3)}) AND toDate(ts) IN (SELECT day FROM days)
GROUP BY day, environment, feature, provider, model, repeated_hour
