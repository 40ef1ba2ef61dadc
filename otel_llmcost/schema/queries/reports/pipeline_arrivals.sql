-- Calls by emitter over time: one row per bucket (Unix time of its start) and source, read once. Source: calls.
-- Runs as it stands; reports/pipeline.py puts its own condition between the markers (`only`).
SELECT
    arrayLast(start -> start <= toUnixTimestamp(c.ts), {starts:Array(UInt32)}) AS bucket,
    c.source AS source,
    count() AS calls,
    countIf(c.cost_usd IS NULL) AS unpriced_calls,
    countIf(c.error_type != '') AS errors,
    sum(c.cost_usd) AS cost_usd
FROM llmcost.calls AS c
WHERE c.ts >= {since:DateTime64(3, 'UTC')}
    AND c.ts < {until:DateTime64(3, 'UTC')}
    AND /* only */ 1 /* only */
GROUP BY bucket, source
ORDER BY bucket, source
