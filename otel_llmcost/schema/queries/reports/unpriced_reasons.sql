-- Why calls of a window have no cost: one row per reason, with the hosts and models it concerns. Source: calls.
-- reports/diagnosis.py puts conditions between the markers.
SELECT
    cost_reason AS reason,
    count() AS calls,
    arrayFilter(host -> host != '', topK(3)(server_address)) AS hosts,
    arrayFilter(name -> name != '', topK(3)(model)) AS models
FROM llmcost.calls AS c
WHERE ts >= {since:DateTime64(3, 'UTC')}
    AND ts < {until:DateTime64(3, 'UTC')}
    AND cost_usd IS NULL
    AND ({environment:String} = '' OR environment = {environment:String})
    AND ({service:String} = '' OR service = {service:String})
    AND ({feature:String} = '' OR feature = {feature:String})
    AND ({model:String} = '' OR model = {model:String})
    AND /* only */ 1 /* only */
GROUP BY reason
ORDER BY calls DESC
LIMIT 10
