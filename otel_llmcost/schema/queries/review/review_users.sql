-- What users cost: one row per user, most expensive first; all_* are over all of them. Calls that name no user are left out.
-- Source: daily_users.
SELECT
    *,
    count() OVER () AS all_users,
    sum(calls) OVER () AS all_calls,
    sum(cost_usd) OVER () AS all_usd,
    all_usd / nullIf(count(cost_usd) OVER (), 0) AS user_usd,
    toFloat64(cost_usd) / nullIf(toFloat64(all_usd), 0) AS cost_share
FROM
(
    SELECT c.user_id AS user_id, sum(c.calls) AS calls, sum(c.cost_usd) AS cost_usd
    FROM llmcost.daily_users(since = {since:DateTime64(3)}, until = {until:DateTime64(3)}) AS c
    WHERE c.user_id != ''
        AND ({environment:String} = '' OR c.environment = {environment:String})
        AND ({service:String} = '' OR c.service = {service:String})
    GROUP BY user_id
)
ORDER BY cost_usd DESC NULLS LAST, user_id
LIMIT {limit:UInt32}
