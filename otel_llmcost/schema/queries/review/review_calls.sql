-- Latency beside cost, and what was paid for nothing: one row per feature, most expensive first; all_* are over all of them.
-- Abandoned, failed and truncated leave each other out, in that order. An attempt without an answer may have been
-- billed: as much as the call that was made again, at most. Source: calls.
SELECT
    *,
    sum(calls) OVER () AS all_calls,
    sum(tagged_calls) OVER () AS all_tagged_calls,
    sum(cost_usd) OVER () AS all_usd,
    sum(abandoned_usd) OVER () AS all_abandoned_usd,
    sum(failed_usd) OVER () AS all_failed_usd,
    sum(truncated_usd) OVER () AS all_truncated_usd,
    sum(unanswered_usd) OVER () AS all_unanswered_usd,
    sum(abandoned) OVER () AS all_abandoned,
    sum(failed) OVER () AS all_failed,
    sum(truncated) OVER () AS all_truncated,
    sum(unanswered) OVER () AS all_unanswered
FROM
(
    WITH multiIf(
            c.stream_outcome = 'abandoned', 'abandoned',
            c.error_type != '', 'failed',
            ${truncated(c.finish_reason)}, 'truncated',
            '') AS fate
    SELECT
        c.feature AS feature,
        count() AS calls,
        countIf(c.feature_source = 'tag') AS tagged_calls,
        sum(c.cost_usd) AS cost_usd,
        cost_usd / nullIf(count(c.cost_usd), 0) AS call_usd,
        quantiles(0.5, 0.95)(c.duration_ms) AS latency,
        latency[1] AS p50_ms,
        latency[2] AS p95_ms,
        countIf(fate = 'abandoned') AS abandoned,
        countIf(fate = 'failed') AS failed,
        countIf(fate = 'truncated') AS truncated,
        sum(c.attempts_unmetered) AS unanswered,
        sumIf(c.cost_usd, fate = 'abandoned') AS abandoned_usd,
        sumIf(c.cost_usd, fate = 'failed') AS failed_usd,
        sumIf(c.cost_usd, fate = 'truncated') AS truncated_usd,
        sum(toDecimal128(c.cost_usd, 12) * c.attempts_unmetered) AS unanswered_usd
    FROM llmcost.calls AS c
    WHERE c.ts >= {since:DateTime64(3)} AND c.ts < {until:DateTime64(3)}
        AND ({environment:String} = '' OR c.environment = {environment:String})
        AND ({service:String} = '' OR c.service = {service:String})
    GROUP BY feature
)
ORDER BY cost_usd DESC NULLS LAST, calls DESC, feature
LIMIT {limit:UInt32}
