-- One row per turn of a session, else of a trace: input tokens of the call that makes it, on average.
SELECT concat('turn ', leftPad(toString(turn), 2, '0')) AS name, avg(input_tokens) AS mean_input
FROM
(
    SELECT
        input_tokens,
        row_number() OVER (PARTITION BY feature, if(session_id != '', session_id, trace_id) ORDER BY ts) AS turn
    FROM llmcost.calls
    WHERE $__timeFilter(ts) AND (session_id != '' OR trace_id != '') AND input_tokens > 0
        AND ${filters}
)
WHERE turn <= 12
GROUP BY turn
ORDER BY turn
LIMIT 12
