-- Allocation keys that calls of a window carry, the most used first. Source: calls.
SELECT arrayJoin(mapKeys(c.allocation)) AS key, count() AS calls
FROM llmcost.calls AS c
WHERE c.ts >= {since:DateTime64(3, 'UTC')}
    AND c.ts < {until:DateTime64(3, 'UTC')}
    AND ({environment:String} = '' OR c.environment = {environment:String})
    AND ({service:String} = '' OR c.service = {service:String})
    AND ({feature:String} = '' OR c.feature = {feature:String})
    AND ({model:String} = '' OR c.model = {model:String})
GROUP BY key
ORDER BY calls DESC, key
LIMIT {limit:UInt32}
