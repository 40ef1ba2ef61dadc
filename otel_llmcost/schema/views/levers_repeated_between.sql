-- Grain: one row per environment, feature, provider and model whose answered calls asked again what was asked within a day
-- before: duplicate_requests, from {since:DateTime64(3)} to {until:DateTime64(3)}. The first call of each kind is kept; a
-- response cache would have answered the others. At least: those repeated within an hour.
-- Source: llm_calls; only calls with a request fingerprint. Most calls come once: rather than to read them all through the
-- view `calls`, the few that did not are found first, and replays of a record and duplicate_calls are left out of these.
CREATE OR REPLACE VIEW llmcost.levers_repeated_between ${on_cluster} AS
WITH
    again AS
    (
        SELECT ts, record_id, environment, provider, model, request_fingerprint, assumeNotNull(cost_usd) AS usd,
            -- As in `calls`.
            multiIf(feature != '', feature, workflow_name != '', workflow_name, agent_name != '', agent_name,
                call_site != '', splitByString(' (', call_site)[1], 'untagged') AS name,
            cost_usd > 0 AND usage_items = '' AND batch_id = '' AND error_type = '' AND stream_outcome != 'abandoned' AS is_answer
        FROM llmcost.llm_calls
        PREWHERE ts >= toStartOfHour({since:DateTime64(3)}) AND ts < {until:DateTime64(3)} AND cityHash64(request_fingerprint) IN
        (
            SELECT cityHash64(request_fingerprint) AS fingerprint
            FROM llmcost.llm_calls
            WHERE ts >= toStartOfHour({since:DateTime64(3)}) AND ts < {until:DateTime64(3)} AND request_fingerprint != ''
            GROUP BY fingerprint
            HAVING count() > 1
        )
        WHERE source = 'otel_llmcost'
            OR (toStartOfHour(ts), record_id) NOT IN (SELECT toStartOfHour(ts), record_id FROM llmcost.duplicate_calls)
        ORDER BY version DESC
        LIMIT 1 BY toStartOfHour(ts), record_id
    ),
    asked AS
    (
        SELECT environment, name, provider, model, usd, dateDiff('millisecond', lagInFrame(toNullable(ts)) OVER same, ts) AS since_last
        FROM again
        WHERE is_answer
        WINDOW same AS (PARTITION BY environment, name, provider, model, request_fingerprint ORDER BY ts, record_id
            ROWS BETWEEN 1 PRECEDING AND CURRENT ROW)
    )
SELECT
    environment, name AS feature, provider, model,
    'duplicate_requests' AS lever,
    count() AS calls, toDecimal128(sum(usd), 12) AS cost_usd, toDecimal128(0, 12) AS cost_after_usd,
    toDecimal128(sumIf(usd, since_last <= 3600000), 12) AS saving_low_usd,
    'high' AS confidence,
    'cache answers for 24 h' AS change
FROM asked
WHERE since_last <= 86400000
GROUP BY environment, feature, provider, model
