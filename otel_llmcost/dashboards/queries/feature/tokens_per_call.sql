-- One row: tokens in and out per call. NULL without calls.
SELECT (sum(input_tokens) + sum(output_tokens)) / nullIf(sum(calls), 0) AS tokens_per_call
FROM llmcost.hourly_spend
WHERE ${hours}
    AND ${filters}
