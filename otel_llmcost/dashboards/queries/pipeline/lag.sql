-- One row: 95 of 100 calls of the last hour of the range were stored no later than this after their end.
SELECT if(count() = 0, NULL, toNullable(quantile(0.95)(greatest(0, dateDiff('millisecond', ts, ingested_at) - duration_ms) / 1000))) AS lag_s
FROM llmcost.calls
WHERE ts >= $__toTime - INTERVAL 1 HOUR AND ts <= $__toTime
    AND ${filters}
