-- One row per environment, feature and model with calls: dollars above the norm, 0 when quiet.
-- Exactly one number, text labels, no time column: the shape Grafana alerts on without a reduce step.
-- Spikes of unpriced models have no dollars and do not fire: the board lists them.
SELECT
    s.environment AS environment,
    s.feature AS feature,
    s.model AS model,
    coalesce(b.usd, 0) AS excess_usd
FROM
(
    SELECT DISTINCT environment, feature, model
    FROM llmcost.hourly_spend
    WHERE hour >= $__toTime - INTERVAL 1 DAY AND hour <= $__toTime
) AS s
LEFT JOIN
(
    SELECT environment, feature, model, sum(excess_usd) AS usd
    FROM llmcost.token_spikes_between(since = $__fromTime, until = $__toTime)
    WHERE $__timeFilter(detected_at)
    GROUP BY environment, feature, model
) AS b USING (environment, feature, model)
ORDER BY environment, feature, model
LIMIT 1000
