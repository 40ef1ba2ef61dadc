SELECT $bucket
FROM llmcost_internal.$behind
WHERE $bucket < $now AND changed_at < now64(6) - INTERVAL $quiet
ORDER BY $bucket DESC
LIMIT $at_once
