-- Whom an incident affects: one row. Source: calls of its hours.
SELECT
    uniqExactIf(c.user_id, c.user_id != '') AS users,
    uniqExactIf(c.session_id, c.session_id != '') AS sessions,
    arrayFilter(site -> site != '', topK(6)(c.call_site)) AS sites
FROM llmcost.calls AS c
WHERE c.environment = {environment:String} AND c.feature = {feature:String}
    AND toStartOfHour(c.ts) IN {hours:Array(DateTime('UTC'))}
    AND c.ts >= {since:DateTime('UTC')} AND c.ts < {until:DateTime('UTC')}
