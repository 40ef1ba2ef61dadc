-- Grain: one row per feature, provider, model and mode of [{since:DateTime64(3)}, {until:DateTime64(3)}), filtered by
-- {environment:String}, {service:String} and {version:String} ('' keeps all): what was used and what it cost.
-- Arrays hold plain input, cache reads, cache writes, output. Tokens and money are of priced calls only; `neutral` is
-- usd / list price of its day, so usd / neutral moves with the price book alone, and neutral / tokens with long
-- prompts, regions and cache lifetimes. `listed` is the list price a token, times calls; 0 where none is known.
-- Source: hourly_spend; calls for versions, for broken hours, and for hours with calls of unknown cost.
CREATE OR REPLACE VIEW llmcost_internal.usage_between ${on_cluster} AS
WITH
    {version:String} != '' OR toStartOfHour({since:DateTime64(3)}) != {since:DateTime64(3)}
        OR toStartOfHour({until:DateTime64(3)}) != {until:DateTime64(3)} AS by_call,
    sites AS
    (
        SELECT *
        FROM llmcost.hourly_spend AS s
        WHERE NOT by_call AND s.hour >= {since:DateTime64(3)} AND s.hour < {until:DateTime64(3)}
            AND ({environment:String} = '' OR s.environment = {environment:String})
            AND ({service:String} = '' OR s.service = {service:String})
    ),
    found AS
    (
        SELECT
            toDate(hour) AS day, feature, toString(provider) AS provider, toString(model) AS model, toString(mode) AS mode,
            sum(s.calls) AS calls, sum(s.unpriced_calls) AS unpriced_calls,
            toInt64(sum(s.replies)) AS priced_replies,
            sum(s.cost_usd) AS cost_usd,
            sumForEach(arrayMap(t -> toInt64(t), [s.uncached_input_tokens, s.cache_read_tokens, s.cache_write_tokens, s.output_tokens])) AS tokens,
            sumForEach([ifNull(s.cost_input_usd, 0), ifNull(s.cost_cache_read_usd, 0), ifNull(s.cost_cache_write_usd, 0), ifNull(s.cost_output_usd, 0)]) AS usd
        FROM sites AS s
        GROUP BY day, feature, provider, model, mode
        UNION ALL
        -- The rollup counts the tokens of calls of unknown cost as well.
        SELECT
            toDate(c.ts) AS day, c.feature, toString(c.provider), toString(c.model), toString(c.mode),
            0, 0,
            -toInt64(sum(c.replies)),
            NULL,
            sumForEach(arrayMap(t -> -toInt64(t), [c.uncached_input_tokens, c.cache_read_tokens, c.cache_write_tokens, c.output_tokens])),
            arrayResize(CAST([], 'Array(Decimal(38, 12))'), 4)
        FROM llmcost.calls AS c
        WHERE NOT by_call AND c.cost_usd IS NULL
            AND c.ts >= {since:DateTime64(3)} AND c.ts < {until:DateTime64(3)}
            AND toStartOfHour(c.ts) IN (SELECT hour FROM sites WHERE unpriced_calls > 0)
            AND ({environment:String} = '' OR c.environment = {environment:String})
            AND ({service:String} = '' OR c.service = {service:String})
        GROUP BY day, c.feature, c.provider, c.model, c.mode
        UNION ALL
        SELECT
            toDate(c.ts) AS day, c.feature, toString(c.provider), toString(c.model), toString(c.mode),
            count(), countIf(c.cost_usd IS NULL),
            toInt64(sumIf(c.replies, c.cost_usd IS NOT NULL)),
            toDecimal128(sum(c.cost_usd), 12),
            sumForEachIf(arrayMap(t -> toInt64(t), [c.uncached_input_tokens, c.cache_read_tokens, c.cache_write_tokens, c.output_tokens]), c.cost_usd IS NOT NULL),
            sumForEach([toDecimal128(ifNull(c.cost_input_usd, 0), 12), toDecimal128(ifNull(c.cost_cache_read_usd, 0), 12),
                toDecimal128(ifNull(c.cost_cache_write_usd, 0), 12), toDecimal128(ifNull(c.cost_output_usd, 0), 12)])
        FROM llmcost.calls AS c
        WHERE by_call AND c.ts >= {since:DateTime64(3)} AND c.ts < {until:DateTime64(3)}
            AND ({environment:String} = '' OR c.environment = {environment:String})
            AND ({service:String} = '' OR c.service = {service:String})
            AND ({version:String} = '' OR c.service_version = {version:String})
        GROUP BY day, c.feature, c.provider, c.model, c.mode
    ),
    -- One row a day, so that a length and its cost meet.
    daily AS
    (
        SELECT
            day, feature, provider, model, mode,
            sum(d.calls) AS calls, sum(d.unpriced_calls) AS unpriced_calls, sum(d.cost_usd) AS cost_usd,
            -- A cost of no replies is a cost of calls all the same.
            if(sum(d.priced_replies) <= 0 AND cost_usd > 0, toInt64(greatest(calls, unpriced_calls + 1) - unpriced_calls), greatest(sum(d.priced_replies), 0)) AS priced_replies,
            arrayMap(t -> greatest(t, 0), arrayResize(sumForEach(d.tokens), 4)) AS tokens,
            arrayResize(sumForEach(d.usd), 4) AS usd
        FROM found AS d
        GROUP BY day, feature, provider, model, mode
    )
SELECT
    feature, provider, model, mode,
    sum(f.calls) AS calls,
    sum(f.unpriced_calls) AS unpriced_calls,
    sum(f.priced_replies) AS priced_replies,
    sum(f.cost_usd) AS cost_usd,
    arrayResize(sumForEach(f.tokens), 4) AS tokens,
    -- A cost without tokens (images, minutes) has no length: it stays in cost_usd alone.
    arrayResize(sumForEach(f.length_usd), 4) AS usd,
    arrayResize(sumForEach(f.neutral), 4) AS neutral,
    arrayResize(sumForEach(arrayMap(p -> p * f.priced_replies, f.list)), 4) AS listed
FROM
(
    SELECT
        *,
        ${maker_name(provider, model)} AS name,
        ['input', 'cache_read', ${short_write_of(model)}, 'output'] AS buckets,
        arrayMap(b -> dictGet('llmcost.rate_dict', ('product_usd', 'divisor'),
            ('current', provider, name, mode, 'short', b), toDateTime(day, 'UTC')), buckets) AS rates,
        arrayMap(r -> toFloat64(r.1) / r.2, rates) AS list,
        arrayMap((t, u) -> if(t > 0, u, toDecimal128(0, 12)), tokens, usd) AS length_usd,
        arrayMap((t, u, p) -> if(p > 0, toFloat64(u) / p, toFloat64(t)), tokens, length_usd, list) AS neutral
    FROM daily
) AS f
GROUP BY feature, provider, model, mode
