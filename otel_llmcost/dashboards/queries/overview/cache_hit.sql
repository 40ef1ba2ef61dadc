-- One row: share of input tokens read from the prompt cache. NULL without calls.
SELECT sum(cache_read_tokens) / nullIf(sum(input_tokens), 0) AS cache_hit
FROM llmcost.hourly_spend
WHERE ${hours}
    AND ${filters}
