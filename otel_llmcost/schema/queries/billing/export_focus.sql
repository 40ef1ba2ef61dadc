-- FOCUS rows: one per day, provider, model, mode, context, geography, bucket, unit price and allocation.
-- Source: calls, lines_by_book: list cost under the newest price book, at the prices of the day. Calls of unknown cost,
-- and lines that SQL cannot price, are not in it: FOCUS allows no empty cost.
SELECT
    toDate(l.ts, {timezone:String}) AS day,
    toString(c.provider) AS provider, toString(l.model) AS model, toString(l.mode) AS mode, toString(l.context) AS context,
    toString(l.bucket) AS bucket,
    l.unit_price_usd AS unit_price, l.mode_multiplier AS mode_factor,
    l.geo_multiplier AS geo,
    toString(c.feature) AS feature, toString(c.team) AS team, toString(c.environment) AS environment, toString(c.service) AS service,
    sumIf(l.quantity, l.amount_usd IS NOT NULL) AS quantity,
    sum(l.amount_usd) AS list_cost,
    sum(ifNull(l.contracted_usd, l.amount_usd)) AS contracted_cost,
    uniqExactIf(l.record_id, l.amount_usd IS NOT NULL) AS calls
FROM
(
    -- A filter outside of the join would be planned into it, which takes seconds.
    SELECT ts, record_id, model, mode, context, bucket, unit_price_usd, mode_multiplier, geo_multiplier, quantity, amount_usd, contracted_usd
    FROM llmcost_internal.lines_by_book(book = 'current')
    WHERE ts >= {since:DateTime64(3)} AND ts < {until:DateTime64(3)}
) AS l
INNER JOIN
(
    SELECT ts, record_id, provider, feature, team, environment, service
    FROM llmcost.calls
    WHERE ts >= {since:DateTime64(3)} AND ts < {until:DateTime64(3)} AND cost_usd IS NOT NULL AND cost_status != 'not_billed'
        AND ({environment:String} = '' OR environment = {environment:String})
        AND ({service:String} = '' OR service = {service:String})
) AS c ON l.record_id = c.record_id AND l.ts = c.ts
GROUP BY ALL
HAVING list_cost IS NOT NULL
ORDER BY day, provider, model, mode, context, bucket, feature, team, environment, service, geo, unit_price, mode_factor
