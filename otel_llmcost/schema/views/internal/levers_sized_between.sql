-- Grain: one row per environment, feature, provider, model and lever that makes answers or prompts shorter, from
-- {since:DateTime64(3)} to {until:DateTime64(3)}, in whole hours. The tokens past a bound taken from the feature's own
-- calls, at the price of the day they were billed on:
--   cap_output        answers past the p99 of those that finished; at least: past the longest that finished, so that only
--                     answers are shorter which the limit cut off anyway
--   reasoning_effort  reasoning past its own median
--   oversized_prompts prompts past twice their own median come down to the median
--   growing_history   prompts past twice the first of their conversation
-- Bounds are those of size classes. Prompt tokens are taken away where they were cheapest: from what was read from a cache.
-- Source: size_hours, price_models, rate_dict. At least twenty calls must stand behind a median or a p99.
CREATE OR REPLACE VIEW llmcost_internal.levers_sized_between ${on_cluster} AS
WITH
    sizes AS
    (
        SELECT
            toDate(hour) AS day, environment, feature, provider, model, mode, geo, prompt_class, kind, toInt64(bound) AS class,
            toInt64(sum(s.calls)) AS n, toInt64(sum(s.tokens)) AS in_all, toInt64(sum(s.cached_tokens)) AS cached, sum(s.cost_usd) AS paid_usd
        FROM llmcost_internal.size_hours AS s
        WHERE hour >= toStartOfHour({since:DateTime64(3)}) AND hour < {until:DateTime64(3)}
        GROUP BY day, environment, feature, provider, model, mode, geo, prompt_class, kind, class
    ),
    kinds AS
    (
        SELECT
            environment, feature, provider, model,
            transform(kind, ['answer', 'answer_cut', 'reasoning', 'prompt'], ['cap_output', 'cap_output', 'reasoning_effort', 'oversized_prompts'],
                'growing_history') AS lever,
            -- How many calls are in each class, but for those that were cut off.
            arraySort(CAST(sumMapIf(map(class, n), kind != 'answer_cut'), 'Array(Tuple(Int64, Int64))')) AS classes,
            groupArray((day, mode, geo, prompt_class, kind, class, n, in_all, cached, paid_usd)) AS rows
        FROM sizes
        GROUP BY environment, feature, provider, model, lever
    ),
    counted AS
    (
        SELECT *, arrayCumSum(c -> c.2, classes) AS so_far, arraySum(c -> c.2, classes) AS n_calls
        FROM kinds
    ),
    bounds AS
    (
        SELECT environment, feature, provider, model, lever, rows,
            classes[arrayFirstIndex(n -> n * 2 >= n_calls, so_far)].1 AS median,
            classes[arrayFirstIndex(n -> n * 100 >= n_calls * 99, so_far)].1 AS p99,
            classes[-1].1 AS longest
        FROM counted
        WHERE n_calls >= 20 OR lever = 'growing_history'
    ),
    -- What is past the bounds.
    past AS
    (
        SELECT
            b.environment AS environment, b.feature AS feature, b.provider AS provider, b.model AS model, b.lever AS lever,
            b.median AS median, b.p99 AS p99, m.billing_provider AS billing_provider, m.price_model AS price_model,
            toDateTime(row.1, 'UTC') AS at, toString(row.2) AS mode, ifNull(toDecimal64OrNull(toString(row.3), 6), toDecimal64(1, 6)) AS factor,
            row.4 AS prompt_class, row.5 AS kind, row.7 AS n, row.9 AS cached, row.10 AS paid_usd,
            multiIf(
                b.lever = 'cap_output', if(row.6 > b.p99, row.8 - row.7 * b.p99, 0),
                b.lever = 'reasoning_effort', if(row.6 > b.median, row.8 - row.7 * b.median, 0),
                b.lever = 'oversized_prompts', if(row.6 > 2 * b.median, row.8 - row.7 * b.median, 0),
                row.8) AS expected,
            if(kind = 'answer_cut' AND row.6 > b.longest, row.8 - row.7 * b.longest, 0) AS at_least
        FROM bounds AS b
        INNER JOIN llmcost_internal.price_models AS m ON b.provider = m.provider AND b.model = m.model
        ARRAY JOIN b.rows AS row
    ),
    taken AS
    (
        SELECT *,
            lever IN ('cap_output', 'reasoning_effort') AS is_output,
            if(is_output, 0, least(cached, expected)) AS of_read,
            toUInt32(ifNull(dictGetOrNull('llmcost.rate_dict', 'product_usd', ('current', billing_provider, price_model, '', '', 'long_context_threshold'), at), 4000000000)) AS threshold,
            if(prompt_class > arrayCount(l -> l < threshold, ${prompt_steps}), 'long', 'short') AS context
        FROM past
        WHERE expected > 0
    ),
    priced AS
    (
        SELECT *,
            arrayMap(bucket -> dictGetOrNull('llmcost.rate_dict', 'product_usd', ('current', billing_provider, price_model, mode, context, bucket), at),
                ['output', 'cache_read', 'input']) AS prices,
            -- NULL where a bucket has no price.
            if(is_output, toDecimal256(expected, 6) * toDecimal256(prices[1], 24) * factor,
                toDecimal256(of_read, 6) * toDecimal256(if(of_read = 0, 0, prices[2]), 24) * factor
                    + toDecimal256(expected - of_read, 6) * toDecimal256(prices[3], 24) * factor) AS expected_usd,
            toDecimal256(at_least, 6) * toDecimal256(ifNull(prices[1], 0), 24) * factor AS at_least_usd
        FROM taken
    ),
    totals AS
    (
        SELECT
            environment, feature, provider, model, lever,
            toUInt64(sum(n)) AS calls, toUInt64(sumIf(n, kind = 'answer')) AS newly_cut, max(p99) AS cap, max(median) AS middle,
            toDecimal128(sum(paid_usd), 12) AS cost_usd,
            toDecimal128(roundBankers(sum(assumeNotNull(expected_usd)), 12), 12) AS saving_usd,
            toDecimal128(roundBankers(sum(at_least_usd), 12), 12) AS saving_low_usd
        FROM priced
        WHERE expected_usd IS NOT NULL
        GROUP BY environment, feature, provider, model, lever
    )
SELECT
    environment, feature, provider, model, lever, calls, cost_usd, cost_usd - saving_usd AS cost_after_usd, saving_low_usd,
    if(lever = 'cap_output' AND newly_cut = 0, 'exact', 'assumption') AS confidence,
    multiIf(
        lever = 'cap_output', concat('max_tokens ', toString(cap), ', cuts ', if(newly_cut > 0, toString(newly_cut), 'no'), ' finished answer', if(newly_cut > 1, 's', '')),
        lever = 'reasoning_effort', concat('at most ', toString(middle), ' reasoning tokens'),
        lever = 'oversized_prompts', concat('prompts of ', toString(middle), ' tokens'),
        'summarise the history') AS change
FROM totals
