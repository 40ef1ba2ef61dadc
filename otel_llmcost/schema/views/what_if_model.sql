-- Grain: one row per day, environment, feature, provider, model and mode, and candidate: any model of the current
-- book. The same tokens at the candidate's list price, on that day, in the same mode. No claim on quality: another
-- model may need more or fewer tokens, and answer worse. Filter by candidate_model (and day).
-- A candidate's long context begins at the threshold of the book (100,000, 200,000 or 272,000 tokens) that is not below its own.
-- Source: lever_1d; calls of days that are not rolled up; rates, rate_dict. candidate_cost_usd is NULL where the candidate does
-- not sell what was used.
CREATE OR REPLACE VIEW llmcost.what_if_model ${on_cluster} AS
SELECT
    day, environment, feature, provider, model, mode, candidate_provider, candidate_model,
    sum(group_calls) AS calls,
    sum(group_cost_usd) AS cost_usd,
    if(count() = count(group_candidate_usd), sum(group_candidate_usd), NULL) AS candidate_cost_usd,
    candidate_cost_usd - cost_usd AS change_usd
FROM
(
    SELECT
        used.day AS day, used.environment AS environment, used.feature AS feature, used.provider AS provider,
        used.model AS model, used.mode AS mode,
        candidate.provider AS candidate_provider, candidate.model AS candidate_model,
        used.calls AS group_calls, used.cost_usd AS group_cost_usd,
        dictGetOrNull('llmcost.rate_dict', 'product_usd',
            ('current', candidate_provider, candidate_model, '', '', 'long_context_threshold'), day_time) AS threshold,
        toDateTime(used.day, 'UTC') AS day_time,
        -- Prompts were grouped by the thresholds of the book they exceed.
        if(threshold IS NOT NULL AND used.prompt_class > arrayCount(l -> l < toFloat64(threshold), [100000, 200000, 272000]), 'long', 'short') AS context,
        arrayMap(
            (bucket, quantity) -> tuple(quantity, dictGetOrNull('llmcost.rate_dict', 'product_usd',
                ('current', candidate_provider, candidate_model, toString(used.mode), context,
                    multiIf(startsWith(candidate_model, 'claude') AND bucket IN ('cache_write_30m', 'cache_write_12h'), 'cache_write_5m',
                        NOT startsWith(candidate_model, 'claude') AND startsWith(bucket, 'cache_write'), 'cache_write_30m',
                        bucket)), day_time)),
            mapKeys(used.buckets), mapValues(used.buckets)) AS priced,
        if(arrayExists(p -> p.2 IS NULL, priced), NULL,
            toDecimal128(roundBankers(arraySum(p -> toDecimal256(p.1, 6) * toDecimal256(assumeNotNull(p.2), 24), priced), 12), 12)) AS group_candidate_usd
    FROM
    (
        SELECT
            day, environment, feature, provider, model, mode, prompt_class,
            sum(d.calls) AS calls, sum(d.cost_usd) AS cost_usd,
            startsWith(model, 'claude') OR position(model, 'anthropic.') > 0 AS claude,
            mapFilter((bucket, quantity) -> quantity > 0, mapAdd(sumMap(d.others), map(
                'input', toDecimal128(sum(d.input), 6), 'cache_read', toDecimal128(sum(d.cache_read), 6),
                if(claude, 'cache_write_5m', 'cache_write_30m'), toDecimal128(sum(d.cache_write_short), 6),
                if(claude, 'cache_write_1h', 'cache_write_12h'), toDecimal128(sum(d.cache_write_long), 6),
                'output', toDecimal128(sum(d.output), 6)))) AS buckets
        FROM llmcost.lever_1d AS d
        WHERE side IN ('terms', 'free') AND (day, rebuilt_at) IN (SELECT day, rebuilt_at FROM llmcost.lever_days_rolled)
        GROUP BY day, environment, feature, provider, model, mode, prompt_class
        UNION ALL
        -- As lever_groups and free_days read calls: a day that closes must not change its figures.
        WITH
            CAST(c.other_usage, 'Map(String, Decimal(18, 6))') AS metered,
            startsWith(c.model, 'claude') OR position(c.model, 'anthropic.') > 0 AS of_claude,
            if(c.source = 'otel_llmcost' OR notEmpty(metered), metered, mapFilter((bucket, quantity) -> quantity > 0, map(
                'input', toDecimal64(c.uncached_input_tokens, 6),
                'cache_read', toDecimal64(c.cache_read_tokens, 6),
                if(of_claude, 'cache_write_5m', 'cache_write_30m'),
                    toDecimal64(c.cache_write_tokens - least(c.cache_write_long_tokens, c.cache_write_tokens), 6),
                if(of_claude, 'cache_write_1h', 'cache_write_12h'), toDecimal64(c.cache_write_long_tokens, 6),
                'output', toDecimal64(c.output_tokens, 6)))) AS own,
            ['input', 'input_audio', 'input_image', 'cache_read', 'cache_read_audio', 'cache_read_image',
             'cache_write_5m', 'cache_write_1h', 'cache_write_30m', 'cache_write_12h'] AS prompt_buckets
        SELECT
            toDate(c.ts) AS day, c.environment AS environment, c.feature AS feature, c.provider AS provider,
            c.model AS model, c.mode AS mode,
            arrayCount(l -> arraySum(mapValues(mapFilter((b, q) -> has(prompt_buckets, b), own))) > l, [100000, 200000, 272000]) AS prompt_class,
            count() AS calls,
            sum(c.cost_usd) AS cost_usd,
            false AS claude,
            sumMap(own) AS buckets
        FROM llmcost.calls AS c
        WHERE c.cost_usd IS NOT NULL AND c.usage_items = '' AND toDate(c.ts) NOT IN (SELECT day FROM llmcost.lever_days_rolled)
        GROUP BY day, environment, feature, provider, model, mode, prompt_class
    ) AS used
    CROSS JOIN
    (
        SELECT DISTINCT provider, model
        FROM llmcost.rates
        WHERE bucket = 'model' AND candidate = 0
            AND book_version = (SELECT argMax(book_version, loaded_at) FROM llmcost.rates WHERE candidate = 0)
    ) AS candidate
)
GROUP BY day, environment, feature, provider, model, mode, candidate_provider, candidate_model
