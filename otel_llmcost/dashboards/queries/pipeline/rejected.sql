-- One row per signal, reason and service: what was refused.
SELECT max(r.ts) AS last_seen, signal, reason, service, count() AS requests, sum(r.records) AS record_count, sum(r.bytes) AS byte_count
FROM llmcost.rejected AS r
WHERE ${range}
GROUP BY signal, reason, service
ORDER BY requests DESC
LIMIT 20
