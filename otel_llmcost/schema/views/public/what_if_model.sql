-- Grain: one row per day, environment, feature, provider, model and mode, and candidate: any model of the current
-- book at any provider that sells it. The same tokens at the candidate's list price, on that day, in the same mode. No
-- claim on quality: another model may need more or fewer tokens, and answer worse. Sum by candidate_model, or filter by it
-- (and day): a name stands for one provider, see candidate_models. Only priced calls that bill one model are in it.
-- A candidate's long context begins at the threshold of the book (100,000, 200,000 or 272,000 tokens) that is not below its own.
-- Source: term_days; candidate_models, rate_dict. candidate_cost_usd is NULL where the candidate does
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
        candidate.provider AS candidate_provider, candidate.model AS price_model, candidate.candidate_model AS candidate_model,
        used.calls AS group_calls, used.cost_usd AS group_cost_usd,
        dictGetOrNull('llmcost.rate_dict', 'product_usd',
            ('current', candidate_provider, price_model, '', '', 'long_context_threshold'), day_time) AS threshold,
        toDateTime(used.day, 'UTC') AS day_time,
        -- Prompts were grouped by the thresholds of the book they exceed.
        if(threshold IS NOT NULL AND used.prompt_class > arrayCount(l -> l < toFloat64(threshold), ${prompt_steps}), 'long', 'short') AS context,
        arrayMap(
            (bucket, quantity) -> tuple(quantity, dictGetOrNull('llmcost.rate_dict', 'product_usd',
                ('current', candidate_provider, price_model, toString(used.mode), context,
                    multiIf(
                        ${write_branches(bucket, price_model)}
                        bucket)), day_time)),
            mapKeys(used.buckets), mapValues(used.buckets)) AS priced,
        if(arrayExists(p -> p.2 IS NULL, priced), NULL,
            toDecimal128(roundBankers(arraySum(p -> toDecimal256(p.1, 6) * toDecimal256(assumeNotNull(p.2), 24), priced), 12), 12)) AS group_candidate_usd
    FROM
    (
        SELECT
            day, environment, feature, provider, model, mode, prompt_class,
            sum(d.calls) AS calls, sum(d.cost_usd) AS cost_usd,
            ${is_claude(model)} AS claude,
            mapFilter((bucket, quantity) -> quantity > 0, mapAdd(sumMap(d.others), map(
                'input', toDecimal128(sum(d.input), 6), 'cache_read', toDecimal128(sum(d.cache_read), 6),
                ${short_write(claude)}, toDecimal128(sum(d.cache_write_short), 6),
                ${long_write(claude)}, toDecimal128(sum(d.cache_write_long), 6),
                'output', toDecimal128(sum(d.output), 6)))) AS buckets
        FROM llmcost_internal.term_days(since = '1970-01-02', until = '2100-01-01') AS d
        GROUP BY day, environment, feature, provider, model, mode, prompt_class
    ) AS used
    CROSS JOIN llmcost.candidate_models AS candidate
)
GROUP BY day, environment, feature, provider, model, mode, candidate_provider, candidate_model
