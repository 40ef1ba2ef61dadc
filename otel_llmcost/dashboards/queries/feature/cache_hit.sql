-- One row: share of input tokens read from the prompt cache of the range, and of as many hours before it. NULL where there is nothing to divide by.
SELECT
    sumIf(cache_read_tokens, hour >= ${since}) / nullIf(sumIf(input_tokens, hour >= ${since}), 0) AS now,
    sumIf(cache_read_tokens, hour < ${since}) / nullIf(sumIf(input_tokens, hour < ${since}), 0) AS before
FROM llmcost.hourly_spend
WHERE hour >= ${before} AND hour < ${until}
    AND ${filters}
