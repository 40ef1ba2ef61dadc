-- One row per user: dollars of the range, the fifteen most expensive.
SELECT
    user_id,
    sum(u.calls) AS call_count,
    sum(u.input_tokens) AS input_count,
    sum(u.output_tokens) AS output_count,
    sum(u.cost_usd) AS total_usd
FROM llmcost.daily_users(since = ${since}, until = ${until}) AS u
WHERE ${filters:environment,service,feature,team}
GROUP BY user_id
ORDER BY total_usd DESC NULLS LAST, call_count DESC
LIMIT 15
