-- The outcomes of some calls' user, team or allocation key: one row per name, over a range. Source: outcomes.
-- Runs as it stands; reports/entity.py puts a condition between the markers (`only`).
SELECT c.name AS outcome, count() AS outcomes, sum(c.value) AS value, max(c.ts) AS newest
FROM llmcost.outcomes AS c FINAL
WHERE c.ts >= {since:DateTime64(3, 'UTC')} AND c.ts < {until:DateTime64(3, 'UTC')} AND /* only */ 1 /* only */
GROUP BY outcome
ORDER BY outcomes DESC, outcome
LIMIT {limit:UInt32}
