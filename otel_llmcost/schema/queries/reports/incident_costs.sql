-- What some features cost in each hour from {since:DateTime('UTC')} to {until:DateTime('UTC')}, as detection last built the
-- hours: one row per hour, environment and feature with calls. NULL = nothing in the hour is priced. Source: feature_hours.
SELECT h.hour AS hour, h.environment AS environment, h.feature AS feature, sum(h.calls) AS calls, sum(h.cost_usd) AS cost_usd
FROM llmcost.feature_hours AS h FINAL
WHERE h.hour >= {since:DateTime('UTC')} AND h.hour < {until:DateTime('UTC')}
    AND h.feature IN {features:Array(String)}
    AND (h.hour, h.rebuilt_at) IN
    (
        SELECT hour, max(rebuilt_at)
        FROM llmcost.feature_hours
        WHERE hour >= {since:DateTime('UTC')} AND hour < {until:DateTime('UTC')}
        GROUP BY hour
    )
GROUP BY hour, environment, feature
ORDER BY hour, environment, feature
