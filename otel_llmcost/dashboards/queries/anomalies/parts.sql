-- One row per part of the excess of the chosen incident; they add up to it.
SELECT toString(one.1) AS part, one.2 AS usd
FROM llmcost.incidents
ARRAY JOIN arrayZip(mapKeys(parts), mapValues(parts)) AS one
WHERE incident_id = ${typed:incident} AND abs(one.2) >= 0.005
ORDER BY usd DESC
LIMIT 10
