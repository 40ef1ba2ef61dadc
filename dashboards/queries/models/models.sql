-- One row per provider and model: price, speed and failures.
SELECT
    provider, model,
    count() AS calls,
    sum(cost_usd) AS total_usd,
    1e6 * toFloat64(sumIf(cost_input_usd, uncached_input_tokens > 0)) / nullIf(sumIf(uncached_input_tokens, cost_usd IS NOT NULL), 0) AS usd_per_million_in,
    1e6 * toFloat64(sum(cost_output_usd)) / nullIf(sumIf(output_tokens, cost_usd IS NOT NULL), 0) AS usd_per_million_out,
    quantile(0.5)(duration_ms) AS median_ms,
    quantile(0.95)(duration_ms) AS p95_ms,
    quantile(0.5)(ttft_ms) AS first_token_ms,
    countIf(error_type != '') / count() AS error_share,
    countIf(resend_count > 0) / count() AS retried_share,
    countIf(cost_usd IS NULL) / count() AS unpriced_share
FROM llmcost.calls
WHERE $__timeFilter(ts)
    AND ${filters}
GROUP BY provider, model
ORDER BY total_usd DESC NULLS LAST, calls DESC
LIMIT 30
