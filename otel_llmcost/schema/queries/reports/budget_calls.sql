-- How many calls of the last 24 hours a budget per call covers, and how many of them cost more. Source: calls.
SELECT count() AS calls, countIf(c.cost_usd > {amount:Decimal(38, 12)}) AS calls_over_limit
FROM llmcost.calls AS c
WHERE c.ts >= now64(3) - INTERVAL 24 HOUR
    AND {value:String} = multiIf(
        {scope:String} = 'environment', toString(c.environment),
        {scope:String} = 'service', toString(c.service),
        {scope:String} = 'feature', toString(c.feature),
        {scope:String} = 'team', toString(c.team),
        {scope:String} = 'model', toString(c.model),
        {scope:String} = 'user', toString(c.user_id),
        '')
