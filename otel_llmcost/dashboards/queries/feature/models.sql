-- One row per provider and model: price, speed and failures. Speeds up to 100,000 calls from the calls themselves, beyond
-- from sketches, to within half a per cent.
WITH ${few} AS is_exact
SELECT
    s.provider AS provider, s.model AS model, s.made AS calls, s.usd AS total_usd,
    toFloat64(s.usd) / nullIf(s.priced, 0) AS usd_per_call,
    s.in_usd AS usd_per_million_in, s.out_usd AS usd_per_million_out,
    if(is_exact, e.median_ms, s.ms[1]) AS median_ms,
    if(is_exact, e.p95_ms, s.ms[2]) AS p95_ms,
    if(is_exact, e.first_ms, s.first_ms) AS first_token_ms,
    s.errors / s.made AS error_share, s.retried / s.made AS retried_share, 1 - s.priced / s.made AS unpriced_share
FROM
(
    SELECT
        provider, model, sum(f.calls) AS made, sum(f.priced_calls) AS priced, sum(f.cost_usd) AS usd,
        1e6 * toFloat64(sum(f.uncached_input_usd)) / nullIf(sum(f.uncached_input_tokens), 0) AS in_usd,
        1e6 * toFloat64(sum(f.output_usd)) / nullIf(sum(f.output_tokens), 0) AS out_usd,
        quantilesDDMerge(0.005, 0.5, 0.95)(f.duration_sketch) AS ms,
        ifNotFinite(toNullable(quantilesDDMerge(0.005, 0.5, 0.95)(f.ttft_sketch)[1]), NULL) AS first_ms,
        sum(f.errors) AS errors, sum(f.retried_calls) AS retried
    FROM llmcost.daily_calls(since = ${since}, until = ${until}) AS f
    WHERE ${filters}
    GROUP BY provider, model
) AS s
LEFT JOIN
(
    SELECT
        provider, model, quantileExactOrNull(0.5)(toFloat64(duration_ms)) AS median_ms,
        quantileExactOrNull(0.95)(toFloat64(duration_ms)) AS p95_ms, quantileExactOrNull(0.5)(toFloat64(ttft_ms)) AS first_ms
    FROM llmcost.calls
    WHERE is_exact AND ${range}
        AND ${filters}
    GROUP BY provider, model
) AS e ON s.provider = e.provider AND s.model = e.model
ORDER BY total_usd DESC NULLS LAST, calls DESC
LIMIT 30
