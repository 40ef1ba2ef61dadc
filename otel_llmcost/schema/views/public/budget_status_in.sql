-- Grain: one row per budget that holds today: what was spent of it in its current period, at what rate, and
-- what is to be expected by the period's end. Days, weeks (from Monday) and months are those of {timezone:String}.
-- A budget per `call` shows the most expensive call of the last 24 hours.
-- Burn is the mean of the last 7 whole days that saw spend of the scope, or of today when there are none;
-- the range of the forecast is 1.28 standard deviations of a day, which holds 8 times of 10.
-- Source: budgets, spend_between; calls for budgets per user. Unpriced calls are not in it: their cost is unknown.
CREATE OR REPLACE VIEW llmcost.budget_status_in ${on_cluster} AS
WITH
    toDateTime(now(), 'UTC') AS present,
    toDate(present, {timezone:String}) AS today_there,
    least(toDateTime(toStartOfMonth(today_there), {timezone:String}), toDateTime(today_there - 8, {timezone:String})) AS first,
    valid AS
    (
        SELECT
            b.scope AS scope, b.scope_value AS scope_value, b.period AS period,
            argMax((b.name, b.amount_usd, b.soft_percent, b.deleted, b.action), (b.valid_from, b.updated_at)) AS newest
        FROM llmcost.budgets AS b FINAL
        WHERE b.valid_from <= today()
        GROUP BY scope, scope_value, period
        HAVING newest.4 = 0
    ),
    daily AS
    (
        SELECT key.1 AS scope, key.2 AS scope_value, toDate(s.hour, {timezone:String}) AS day, sum(s.cost_usd) AS usd,
            maxIf(s.max_call_cost_usd, s.hour >= present - INTERVAL 24 HOUR) AS most_expensive_call
        FROM llmcost.spend_between(
            since = toDateTime64(toStartOfDay(now() - INTERVAL 40 DAY), 3, 'UTC'), until = toDateTime64('2200-01-01', 3, 'UTC'),
            timezone = {timezone:String}) AS s
        ARRAY JOIN [('total', ''), ('environment', toString(s.environment)), ('service', toString(s.service)),
            ('feature', toString(s.feature)), ('team', toString(s.team)), ('model', toString(s.model))] AS key
        WHERE s.hour >= first
            AND key IN (SELECT toString(scope), scope_value FROM valid)
        GROUP BY scope, scope_value, day
        UNION ALL
        SELECT 'user' AS scope, c.user_id AS scope_value, toDate(c.ts, {timezone:String}) AS day, sum(c.cost_usd) AS usd,
            maxIf(c.cost_usd, c.ts >= present - INTERVAL 24 HOUR) AS most_expensive_call
        FROM llmcost.calls AS c
        WHERE c.ts >= first
            AND c.user_id IN (SELECT scope_value FROM valid WHERE scope = 'user')
        GROUP BY scope_value, day
    )
SELECT
    v.newest.1 AS name, toString(v.scope) AS scope, v.scope_value AS scope_value, toString(v.period) AS period,
    v.newest.2 AS amount_usd,
    v.newest.3 AS soft_percent,
    toString(v.newest.5) AS action,
    multiIf(v.period = 'month', toStartOfMonth(today_there), v.period = 'week', toMonday(today_there), today_there) AS period_start,
    multiIf(v.period = 'month', addMonths(period_start, 1), v.period = 'week', addDays(period_start, 7), addDays(period_start, 1)) AS period_end,
    toDecimal128(if(v.period = 'call', ifNull(max(d.most_expensive_call), 0), ifNull(sumIf(d.usd, d.day >= period_start), 0)), 12) AS spent_usd,
    toFloat64(spent_usd) / toFloat64(amount_usd) AS used_share,
    multiIf(used_share >= 1, 'exceeded', used_share * 100 >= soft_percent, 'warning', 'ok') AS state,
    if(v.period = 'call', NULL, dateDiff('second', present, toDateTime(period_end, {timezone:String})) / 86400) AS days_left,
    groupArrayIf(toFloat64(d.usd), d.day < today_there AND d.day >= today_there - 7 AND d.usd IS NOT NULL) AS full_days,
    multiIf(
        v.period = 'call', NULL,
        notEmpty(full_days), arrayAvg(full_days),
        ifNull(toFloat64(sumIf(d.usd, d.day = today_there)), 0)) AS burn_usd_per_day,
    if(length(full_days) > 1, arrayReduce('stddevSamp', full_days), NULL) AS day_deviation,
    toFloat64(spent_usd) + burn_usd_per_day * days_left AS forecast_usd,
    greatest(toFloat64(spent_usd), forecast_usd - 1.28 * day_deviation * sqrt(days_left)) AS forecast_low_usd,
    forecast_usd + 1.28 * day_deviation * sqrt(days_left) AS forecast_high_usd,
    -- When the rest is used up at this rate; NULL when that is not before the period ends.
    if(state != 'exceeded' AND forecast_usd >= toFloat64(amount_usd) AND burn_usd_per_day > 0,
        (toFloat64(amount_usd) - toFloat64(spent_usd)) / burn_usd_per_day, NULL) AS days_to_exhaustion
FROM valid AS v
LEFT JOIN daily AS d ON toString(v.scope) = d.scope AND v.scope_value = d.scope_value
GROUP BY v.newest, v.scope, v.scope_value, v.period
ORDER BY used_share DESC
SETTINGS join_use_nulls = 1
