-- One row per user: dollars of the range, the fifteen most expensive. Where every service, feature and team is chosen, what users
-- used need not be shown apart.
SELECT
    if(user_id = '', '(none)', user_id) AS who,
    sum(u.calls) AS call_count,
    sum(u.input_tokens) AS input_count,
    sum(u.output_tokens) AS output_count,
    sum(u.cost_usd) AS total_usd
FROM
(
    SELECT user_id, calls, input_tokens, output_tokens, cost_usd
    FROM llmcost.user_totals(since = ${since}, until = if(${everything}, $__toTime, ${since}))
    WHERE ${filters:environment}
    UNION ALL
    SELECT user_id, calls, input_tokens, output_tokens, cost_usd
    FROM llmcost.user_costs(since = ${since}, until = if(${everything}, ${since}, $__toTime))
    WHERE ${filters:environment,service,feature,team}
) AS u
GROUP BY who
ORDER BY total_usd DESC NULLS LAST, call_count DESC
LIMIT 15
