-- A month and the time it is compared with: one row. Costs are NULL when nothing was priced. Source: spend_between.
SELECT
    sumIf(s.cost_usd, s.hour >= {since:DateTime64(3)}) AS cost_usd,
    sumIf(s.cost_usd, s.hour < {earlier_until:DateTime64(3)}) AS earlier_usd,
    sumIf(s.contracted_cost_usd, s.hour >= {since:DateTime64(3)}) AS contracted_usd,
    sumIf(s.calls, s.hour >= {since:DateTime64(3)}) AS calls,
    sumIf(s.calls, s.hour < {earlier_until:DateTime64(3)}) AS earlier_calls,
    sumIf(s.unpriced_calls, s.hour >= {since:DateTime64(3)}) AS unpriced_calls,
    uniqIf(toDate(s.hour, {timezone:String}), s.hour >= {since:DateTime64(3)}) AS days
FROM llmcost.spend_between(
    since = {earlier_since:DateTime64(3)}, until = {until:DateTime64(3)}, timezone = {timezone:String}) AS s
WHERE (s.hour >= {since:DateTime64(3)} AND s.hour < {until:DateTime64(3)}
        OR s.hour >= {earlier_since:DateTime64(3)} AND s.hour < {earlier_until:DateTime64(3)})
    AND ({environment:String} = '' OR s.environment = {environment:String})
    AND ({service:String} = '' OR s.service = {service:String})
