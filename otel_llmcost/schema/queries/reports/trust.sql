-- How far the numbers can be trusted: one row per environment x service. Source: trust, reported_costs (whole days).
-- reports/health.py puts conditions between the markers.
-- reported_*: calls whose cost somebody else reported too, such as a gateway, what that adds up to, and ours for the same.
SELECT
    t.environment AS environment,
    t.service AS service,
    sum(t.records) AS records,
    sum(t.calls) AS calls,
    sum(t.priced_share * t.calls) / nullIf(sum(t.calls), 0) AS priced_share,
    sum(t.tagged_share * t.calls) / nullIf(sum(t.calls), 0) AS tagged_share,
    sum(t.unpriced_calls) AS unpriced_calls,
    sum(t.partial_calls) AS partial_calls,
    sum(t.lost_records) AS lost_records,
    sum(t.duplicate_records) AS duplicate_records,
    max(t.max_lag_s) AS max_lag_s,
    any(r.calls) AS reported_calls,
    if(reported_calls = 0, NULL, any(r.reported_usd)) AS reported_cost_usd,
    if(reported_calls = 0, NULL, any(r.own_usd)) AS own_cost_usd
FROM llmcost.trust AS t
LEFT JOIN
(
    SELECT environment, service, sum(c.calls) AS calls, sum(c.reported_cost_usd) AS reported_usd, sum(c.cost_usd) AS own_usd
    FROM llmcost.reported_costs AS c
    WHERE c.day >= toDate({since:DateTime64(3, 'UTC')}, 'UTC') AND c.day < {until:DateTime64(3, 'UTC')}
    GROUP BY environment, service
) AS r ON t.environment = r.environment AND t.service = r.service
WHERE t.day >= toDate({since:DateTime64(3, 'UTC')}, 'UTC')
    AND t.day < {until:DateTime64(3, 'UTC')}
    AND ({environment:String} = '' OR t.environment = {environment:String})
    AND ({service:String} = '' OR t.service = {service:String})
    AND /* only */ 1 /* only */
GROUP BY environment, service
ORDER BY records DESC
LIMIT {limit:UInt32}
