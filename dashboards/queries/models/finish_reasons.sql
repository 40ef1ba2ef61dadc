-- One row per bucket and finish reason: calls.
SELECT
    $__timeInterval(ts) AS time,
    multiIf(error_type != '', 'error', stream_outcome = 'abandoned', 'abandoned', finish_reason = '', '(none)', splitByChar(',', toString(finish_reason))[1]) AS series,
    count() AS calls
FROM llmcost.calls
WHERE $__timeFilter(ts)
    AND ${filters}
GROUP BY time, series
ORDER BY time, series
