-- When a record last arrived, and when the newest call began: one row, NULL in an empty store. Source: calls.
SELECT maxOrNull(c.ingested_at) AS arrived_at, maxOrNull(c.ts) AS newest
FROM llmcost.calls AS c
WHERE c.ts >= {since:DateTime64(3, 'UTC')} AND c.ts < {until:DateTime64(3, 'UTC')}
