-- The figures above the charts: one row, with the spend and calls of the same time one window earlier.
-- Source: spend_between. Costs are NULL when nothing was priced.
SELECT
    sumIf(s.cost_usd, s.hour >= {since:DateTime64(3, 'UTC')}) AS cost_usd,
    sumIf(s.cost_usd, s.hour < {earlier_until:DateTime64(3, 'UTC')}) AS earlier_cost_usd,
    sumIf(s.calls, s.hour >= {since:DateTime64(3, 'UTC')}) AS calls,
    sumIf(s.calls, s.hour < {earlier_until:DateTime64(3, 'UTC')}) AS earlier_calls,
    sumIf(s.unpriced_calls, s.hour >= {since:DateTime64(3, 'UTC')}) AS unpriced_calls
FROM llmcost.spend_between(
    since = {earlier_since:DateTime64(3)}, until = {until:DateTime64(3)}, timezone = {timezone:String}) AS s
WHERE ({environment:String} = '' OR s.environment = {environment:String})
    AND ({service:String} = '' OR s.service = {service:String})
    AND ({feature:String} = '' OR s.feature = {feature:String})
    AND ({model:String} = '' OR s.model = {model:String})
