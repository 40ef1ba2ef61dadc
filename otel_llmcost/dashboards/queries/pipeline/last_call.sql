-- One row: seconds since the newest call of the last day. NULL when there was none.
SELECT if(count() = 0, NULL, toNullable(dateDiff('second', max(ts), now()))) AS seconds
FROM llmcost.calls
WHERE ts >= now() - INTERVAL 1 DAY AND ts <= now()
    AND ${filters}
