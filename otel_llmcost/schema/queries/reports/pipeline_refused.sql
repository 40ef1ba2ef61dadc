-- What was refused in a range: one row per signal, reason, service and environment. `records` is 0 where no body could be read.
-- Source: rejected.
SELECT
    signal, reason, service, environment, count() AS requests, sum(records) AS records, sum(bytes) AS bytes, max(r.ts) AS newest
FROM llmcost.rejected AS r
WHERE r.ts >= {since:DateTime64(3, 'UTC')} AND r.ts < {until:DateTime64(3, 'UTC')}
GROUP BY signal, reason, service, environment
ORDER BY newest DESC, signal, reason, service, environment
LIMIT {limit:UInt32}
