-- What was spent hour by hour of what a budget is for. Source: spend_between; calls for budgets per user.
SELECT hour, sum(usd) AS cost_usd
FROM
(
    SELECT s.hour AS hour, sum(s.cost_usd) AS usd
    FROM llmcost.spend_between(since = {since:DateTime64(3)}, until = {until:DateTime64(3)}, timezone = {timezone:String}) AS s
    WHERE s.hour >= {since:DateTime64(3)} AND s.hour < {until:DateTime64(3)} AND {scope:String} != 'user' AND {value:String} = multiIf(
        {scope:String} = 'environment', toString(s.environment), {scope:String} = 'service', toString(s.service),
        {scope:String} = 'feature', toString(s.feature), {scope:String} = 'team', toString(s.team),
        {scope:String} = 'model', toString(s.model), '')
    GROUP BY hour
    UNION ALL
    SELECT toDateTime(toStartOfHour(c.ts), 'UTC') AS hour, sum(c.cost_usd) AS usd
    FROM llmcost.calls AS c
    WHERE {scope:String} = 'user' AND c.user_id = {value:String}
        AND c.ts >= {since:DateTime64(3)} AND c.ts < {until:DateTime64(3)}
    GROUP BY hour
)
WHERE usd IS NOT NULL
GROUP BY hour
ORDER BY hour
