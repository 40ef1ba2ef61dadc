-- How many calls of a window carry a request fingerprint, without which duplicates cannot be seen.
SELECT count()
FROM llmcost.llm_calls AS c
WHERE c.ts >= {since:DateTime64(3)} AND c.ts < {until:DateTime64(3)} AND c.request_fingerprint != ''
