-- One row per user: dollars of the range, the fifteen dearest.
SELECT
    if(user_id = '', '(none)', user_id) AS who,
    sum(s.calls) AS call_count,
    sum(s.input_tokens) AS input_count,
    sum(s.output_tokens) AS output_count,
    sum(s.cost_usd) AS total_usd
FROM llmcost.spend_by_user AS s
WHERE ${hours}
    AND ${filters:environment,service,feature}
GROUP BY who
ORDER BY total_usd DESC NULLS LAST, call_count DESC
LIMIT 15
