-- What one call of a feature and model costs at most, 99 times of 100: over the last seven days, from 20 calls on.
SELECT feature, model, toString(quantileExact(0.99)(assumeNotNull(cost_usd))) AS p99_usd
FROM llmcost.calls
WHERE ts >= now() - INTERVAL 7 DAY AND cost_usd IS NOT NULL
GROUP BY feature, model
HAVING count() >= 20
ORDER BY count() DESC
LIMIT 10000
