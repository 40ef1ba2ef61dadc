-- One row per turn of a session, else of a trace: input tokens of the call that makes it, on average; over the newest
-- 300,000 calls of the range, in whole hours.
WITH
(
    SELECT ifNull(minOrNull(hour), toStartOfHour($__toTime))
    FROM
    (
        SELECT hour, sum(sum(calls)) OVER (ORDER BY hour DESC) AS calls_since
        FROM llmcost.hourly_spend
        WHERE ${hours}
            AND ${filters}
        GROUP BY hour
    )
    WHERE calls_since <= 300000
) AS since
SELECT concat('turn ', leftPad(toString(turn), 2, '0')) AS name, avg(input_tokens) AS mean_input
FROM
(
    SELECT
        input_tokens,
        row_number() OVER (PARTITION BY feature, if(session_id != '', session_id, trace_id) ORDER BY ts) AS turn
    FROM llmcost.calls
    WHERE $__timeFilter(ts) AND ts >= since AND (session_id != '' OR trace_id != '') AND input_tokens > 0
        AND ${filters}
)
WHERE turn <= 12
GROUP BY turn
ORDER BY turn
LIMIT 12
