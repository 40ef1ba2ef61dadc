-- How far the numbers can be trusted: one row per environment x service. Source: trust (whole days).
SELECT
    environment,
    service,
    sum(t.records) AS records,
    sum(t.calls) AS calls,
    sum(t.priced_share * t.calls) / nullIf(sum(t.calls), 0) AS priced_share,
    sum(t.tagged_share * t.calls) / nullIf(sum(t.calls), 0) AS tagged_share,
    sum(t.unpriced_calls) AS unpriced_calls,
    sum(t.partial_calls) AS partial_calls,
    sum(t.lost_records) AS lost_records,
    sum(t.duplicate_records) AS duplicate_records,
    max(t.max_lag_s) AS max_lag_s
FROM llmcost.trust AS t
WHERE t.day >= toDate({since:DateTime64(3, 'UTC')}, 'UTC')
    AND t.day < {until:DateTime64(3, 'UTC')}
    AND ({environment:String} = '' OR t.environment = {environment:String})
    AND ({service:String} = '' OR t.service = {service:String})
GROUP BY environment, service
ORDER BY records DESC
LIMIT {limit:UInt32}
