-- One row per class of cost of a call, four to a power of ten: share of the calls of the chosen incident's feature in the
-- seven days before it began, and since then.
WITH ${incident} AS chosen, ${past} AS has_past
SELECT
    concat('from ', toString(round(bound, toInt8(2 - floor(log10(bound))))), ' USD') AS class,
    calls_before / nullIf(sum(calls_before) OVER (), 0) AS share_before,
    calls_since / nullIf(sum(calls_since) OVER (), 0) AS share_since
FROM
(
    SELECT
        pow(10, floor(4 * log10(toFloat64(cost_usd))) / 4) AS bound,
        countIf(ts < chosen.start) AS calls_before,
        countIf(ts >= chosen.start) AS calls_since
    FROM llmcost.calls
    WHERE feature = chosen.feature AND (environment = chosen.environment OR NOT has_past AND ts < chosen.start) AND cost_usd > 0
        AND ts >= chosen.start - INTERVAL 7 DAY AND ts <= chosen.until
    GROUP BY bound
)
ORDER BY bound
LIMIT 40
