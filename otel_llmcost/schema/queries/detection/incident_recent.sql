-- The last six hours of some features, in quarters of an hour: one row per environment, feature and quarter with calls.
-- `usd` is NULL where no cost is known; `failed` counts errors and attempts beyond the first. Source: calls.
SELECT
    c.environment AS environment, c.feature AS feature,
    toStartOfFifteenMinutes(c.ts) AS quarter,
    max(c.ts) AS last_ts,
    count() AS calls,
    sum(c.cost_usd) AS usd,
    ifNull(sumIf(log(toFloat64(c.cost_usd)), c.cost_usd > 0), 0) AS log_usd,
    countIf(c.cost_usd > 0) AS costing,
    countIf(c.cost_usd IS NULL) AS unpriced,
    countIf(c.error_type != '') + sum(c.resend_count) AS failed
FROM llmcost.calls AS c
WHERE c.ts >= {now:DateTime('UTC')} - INTERVAL 6 HOUR AND c.ts < {now:DateTime('UTC')}
    AND (c.environment, c.feature) IN (SELECT arrayJoin(arrayZip({environments:Array(String)}, {features:Array(String)})))
GROUP BY environment, feature, quarter
ORDER BY environment, feature, quarter
