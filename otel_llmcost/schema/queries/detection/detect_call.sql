-- One call of an hour, as query detect_usage has it of many.
SELECT
    1 AS is_recent, model, provider, 1 AS calls, toUInt64(cost_usd IS NULL) AS unpriced_calls, cost_usd AS usd,
    uncached_input_tokens AS input, cache_read_tokens AS cache_read, cache_write_tokens AS cache_write, output_tokens AS output,
    reasoning_tokens AS reasoning,
    toFloat64(ifNull(cost_input_usd, 0)) AS input_usd,
    toFloat64(ifNull(cost_cache_read_usd, 0)) AS cache_read_usd,
    toFloat64(ifNull(cost_cache_write_usd, 0)) AS cache_write_usd,
    toFloat64(ifNull(cost_output_usd, 0)) AS output_usd,
    toFloat64(0) AS retried_usd,
    1 AS hours
FROM llmcost.calls
WHERE toStartOfHour(ts) = {since:DateTime('UTC')} AND record_id = {record_id:String}
