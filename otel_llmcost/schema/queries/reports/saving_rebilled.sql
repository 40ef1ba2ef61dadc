-- Calls that a lever has moved to other terms, billed again on the terms of before: tier {old_mode:String} ('' for the
-- same tier) of {model:String}. Moved are the calls of tier {new_mode:String}, or those of a model that begins with
-- {candidate:String}. Whole hours; the current price book on the day of each call. NULL where the old terms had no
-- price for what was used. Source: term_days, price_models, rate_dict.
WITH
    (
        SELECT (billing_provider, price_model)
        FROM llmcost_internal.price_models
        WHERE provider = {provider:String} AND model = {model:String}
        LIMIT 1
    ) AS old,
    used AS
    (
        SELECT
            day, mode, geo, prompt_class, old.1 AS old_provider, old.2 AS old_model,
            sum(d.calls) AS all_calls, sum(d.cost_usd) AS paid_usd,
            sum(d.input) AS all_input, sum(d.cache_read) AS all_read, sum(d.cache_write_short) AS all_short,
            sum(d.cache_write_long) AS all_long, sum(d.output) AS all_output, sumMap(d.others) AS all_others
        FROM llmcost_internal.term_days(since = {since:DateTime64(3)}, until = {until:DateTime64(3)}) AS d
        WHERE is_free = 0 AND environment = {environment:String} AND feature = {feature:String}
            AND if({candidate:String} != '',
                startsWith(model, {candidate:String}),
                provider = {provider:String} AND model = {model:String} AND mode = {new_mode:String})
        GROUP BY day, mode, geo, prompt_class
    ),
    lines AS
    (
        SELECT
            all_calls, paid_usd, toDateTime(day, 'UTC') AS at,
            if({old_mode:String} != '', {old_mode:String}, toString(mode)) AS old_mode,
            ifNull(toDecimal64OrNull(toString(geo), 6), toDecimal64(1, 6)) AS factor,
            ${is_claude(old_model)} AS claude,
            toUInt32(ifNull(dictGetOrNull('llmcost.rate_dict', 'product_usd',
                ('current', old_provider, old_model, '', '', 'long_context_threshold'), at), 4000000000)) AS threshold,
            if(prompt_class > arrayCount(l -> l < threshold, ${prompt_steps}), 'long', 'short') AS context,
            arrayMap(p -> (p.2, dictGet('llmcost.rate_dict', ('known', 'product_usd', 'divisor', 'in_geography'),
                    ('current', old_provider, old_model, old_mode, context, p.1), at)),
                arrayFilter(p -> p.2 > 0, arrayConcat([
                    ('input', all_input), ('cache_read', all_read), (${short_write(claude)}, all_short),
                    (${long_write(claude)}, all_long), ('output', all_output)],
                    CAST(all_others, 'Array(Tuple(String, Decimal(38, 6)))')))) AS priced
        FROM used
    )
SELECT
    toUInt64(sum(all_calls)) AS calls,
    toDecimal128(sum(paid_usd), 12) AS cost_usd,
    if(countIf(arrayExists(l -> l.2.1 = 0, priced)) > 0, NULL, sum(toDecimal128(roundBankers(arraySum(l ->
        toDecimal256(l.1, 6) * (toDecimal256(l.2.2, 24) * if(l.2.4 = 1, factor, toDecimal64(1, 6)))
            / if(l.2.3 = 0, 1, l.2.3), priced), 12), 12))) AS rebilled_usd
FROM lines
