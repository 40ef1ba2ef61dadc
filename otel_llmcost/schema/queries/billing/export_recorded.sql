-- What an export is measured against: the recorded list cost, the days that have any, and the calls whose cost is unknown.
-- Source: calls.
SELECT
    count() AS calls, countIf(c.cost_usd IS NULL) AS unpriced_calls, sum(c.cost_usd) AS cost_usd,
    groupUniqArrayIf(toDate(c.ts, {timezone:String}), c.cost_usd IS NOT NULL) AS priced_days
FROM llmcost.calls AS c
WHERE c.ts >= {since:DateTime64(3)} AND c.ts < {until:DateTime64(3)}
    AND ({environment:String} = '' OR c.environment = {environment:String})
    AND ({service:String} = '' OR c.service = {service:String})
