-- What one side of a comparison used: one row. Tokens and costs are of priced calls only.
SELECT
    sum(u.calls) AS calls,
    sum(u.unpriced_calls) AS unpriced_calls,
    sum(u.priced_replies) AS replies,
    sum(u.cost_usd) AS cost_usd,
    arrayResize(sumForEach(u.tokens), 4) AS tokens,
    arrayResize(sumForEach(u.usd), 4) AS token_usd
FROM llmcost_internal.usage_between(
    since = {since:DateTime64(3)}, until = {until:DateTime64(3)},
    environment = {environment:String}, version = {version:String}, service = {service:String}) AS u
WHERE ({feature:String} = '' OR u.feature = {feature:String})
    AND ({model:String} = '' OR u.model = {model:String})
