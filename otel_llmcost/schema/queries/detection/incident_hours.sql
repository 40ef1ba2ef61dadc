-- What features cost in each hour since a moment, and what all of them did: one row per hour, environment and feature.
-- `version` is that of most calls. Hours are as detection last built them. Source: feature_hours.
SELECT
    h.hour AS hour, h.environment AS environment, h.feature AS feature,
    sum(h.calls) AS calls,
    sum(h.cost_usd) AS usd,
    sum(h.log_cost) AS log_usd, sum(h.log_cost_sq) AS log_usd_sq, sum(h.cost_calls) AS costing,
    argMax(h.service_version, h.calls) AS version,
    sum(sum(h.cost_usd)) OVER (PARTITION BY hour) AS bill_usd
FROM llmcost.feature_hours AS h FINAL
WHERE h.hour >= {since:DateTime('UTC')} AND h.hour <= {until:DateTime('UTC')}
    AND (h.hour, h.rebuilt_at) IN
    (
        SELECT hour, max(rebuilt_at)
        FROM llmcost.feature_hours
        WHERE hour >= {since:DateTime('UTC')} AND hour <= {until:DateTime('UTC')}
        GROUP BY hour
    )
GROUP BY hour, environment, feature
ORDER BY hour, environment, feature
