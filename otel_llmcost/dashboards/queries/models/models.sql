-- One row per provider and model: price, speed and failures. Speeds to within half a per cent.
SELECT
    provider, model,
    sum(f.calls) AS calls,
    sum(f.cost_usd) AS total_usd,
    1e6 * toFloat64(sum(f.uncached_input_usd)) / nullIf(sum(f.uncached_input_tokens), 0) AS usd_per_million_in,
    1e6 * toFloat64(sum(f.output_usd)) / nullIf(sum(f.output_tokens), 0) AS usd_per_million_out,
    quantilesDDMerge(0.005, 0.5, 0.95)(f.duration_sketch)[1] AS median_ms,
    quantilesDDMerge(0.005, 0.5, 0.95)(f.duration_sketch)[2] AS p95_ms,
    ifNotFinite(toNullable(quantilesDDMerge(0.005, 0.5, 0.95)(f.ttft_sketch)[1]), NULL) AS first_token_ms,
    sum(f.errors) / sum(f.calls) AS error_share,
    sum(f.retried_calls) / sum(f.calls) AS retried_share,
    1 - sum(f.priced_calls) / sum(f.calls) AS unpriced_share
FROM llmcost.daily_calls(since = ${since}, until = $__toTime) AS f
WHERE ${filters}
GROUP BY provider, model
ORDER BY total_usd DESC NULLS LAST, calls DESC
LIMIT 30
