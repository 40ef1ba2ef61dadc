-- Grain: one row per feature, provider and model: what spend changed by from window A to window B, and why.
-- Windows: {a_since:DateTime64(3)}, {a_until:DateTime64(3)}, {a_environment:String}, {a_version:String}, and b_… ('' keeps
-- all), both of {service:String}. The parts add up to change_usd to the last digit:
--   new, gone      features that one window has no call of
--   coverage       features that had calls in both, but a known cost in one window only
--   volume         more calls, each as in A
--   model, mode    the same calls as in A on other models, in other modes (batch, flex, fast)
--   prompt, cache  longer prompts; another share of them read from or written to the cache
--   output         longer answers
--   price          B's usage under B's list prices instead of A's
--   rates          the rest of the price of a token: long context, regions, cache lifetimes
--   tools          all that is not tokens
-- What a model newly used by a feature changes is taken from the feature's own usage in A. Only priced calls: the others
-- are counted in a_unpriced_calls and b_unpriced_calls, and costs are NULL where nothing is priced.
-- Source: usage_between.
CREATE OR REPLACE VIEW llmcost.change_between ${on_cluster} AS
WITH
    cells AS
    (
        SELECT
            feature, provider, model, mode,
            sumIf(u.calls, period = 1) AS a_calls, sumIf(u.calls, period = 2) AS b_calls,
            sumIf(u.unpriced_calls, period = 1) AS a_unpriced, sumIf(u.unpriced_calls, period = 2) AS b_unpriced,
            toFloat64(sumIf(u.priced_replies, period = 1)) AS a_n, toFloat64(sumIf(u.priced_replies, period = 2)) AS b_n,
            sumIf(u.cost_usd, period = 1) AS a_usd, sumIf(u.cost_usd, period = 2) AS b_usd,
            arrayMap(x -> toFloat64(x), arrayResize(sumForEachIf(u.tokens, period = 1), 4)) AS a_tokens,
            arrayMap(x -> toFloat64(x), arrayResize(sumForEachIf(u.tokens, period = 2), 4)) AS b_tokens,
            arrayMap(x -> toFloat64(x), arrayResize(sumForEachIf(u.usd, period = 1), 4)) AS a_parts,
            arrayMap(x -> toFloat64(x), arrayResize(sumForEachIf(u.usd, period = 2), 4)) AS b_parts,
            arrayResize(sumForEachIf(u.neutral, period = 1), 4) AS a_neutral,
            arrayResize(sumForEachIf(u.neutral, period = 2), 4) AS b_neutral,
            arrayMap(x -> x / a_n, arrayResize(sumForEachIf(u.listed, period = 1), 4)) AS a_list,
            arrayMap(x -> x / b_n, arrayResize(sumForEachIf(u.listed, period = 2), 4)) AS b_list,
            toFloat64(ifNull(a_usd, 0)) - arraySum(a_parts) AS a_other,
            toFloat64(ifNull(b_usd, 0)) - arraySum(b_parts) AS b_other
        FROM
        (
            SELECT 1 AS period, *
            FROM llmcost_internal.usage_between(since = {a_since:DateTime64(3)}, until = {a_until:DateTime64(3)},
                environment = {a_environment:String}, service = {service:String}, version = {a_version:String})
            UNION ALL
            SELECT 2 AS period, *
            FROM llmcost_internal.usage_between(since = {b_since:DateTime64(3)}, until = {b_until:DateTime64(3)},
                environment = {b_environment:String}, service = {service:String}, version = {b_version:String})
        ) AS u
        GROUP BY feature, provider, model, mode
    ),
    around AS
    (
        SELECT
            *,
            sum(a_n) OVER f AS fa_n, sum(b_n) OVER f AS fb_n,
            sum(a_unpriced) OVER f AS fa_unpriced, sum(b_unpriced) OVER f AS fb_unpriced,
            sumForEach(a_tokens) OVER f AS fa_tokens, sum(a_other) OVER f AS fa_other,
            sum(a_n) OVER m AS ma_n, sum(b_n) OVER m AS mb_n, sum(toFloat64(ifNull(a_usd, 0))) OVER m AS ma_usd,
            sumForEach(a_tokens) OVER m AS ma_tokens, sum(a_other) OVER m AS ma_other
        FROM cells
        WINDOW f AS (PARTITION BY feature), m AS (PARTITION BY feature, provider, model)
    ),
    -- Usage and prices that B is compared with: the cell's own in A, else its model's, else its feature's.
    based AS
    (
        SELECT
            *,
            multiIf(a_n > 0, arrayMap(t -> t / a_n, a_tokens), ma_n > 0, arrayMap(t -> t / ma_n, ma_tokens), arrayMap(t -> t / fa_n, fa_tokens)) AS tokens,
            multiIf(a_n > 0, a_other / a_n, ma_n > 0, ma_other / ma_n, fa_other / fa_n) AS other,
            arrayMap((q, u) -> if(q > 0, u / q, 0), b_neutral, b_parts) AS b_price,
            arrayMap((q, u, p, b) -> multiIf(a_n = 0, b, q > 0, u / q, p > 0, p, b), a_neutral, a_parts, a_list, b_price) AS a_price,
            arrayMap((a, a_u, b, b_u, b_q, p, l) -> multiIf(
                    a_n > 0 AND a > 0, a_u / a,
                    a_n > 0 AND b > 0, p * b_q / b,
                    b > 0, b_u / b,
                    l > 0, l,
                    b_tokens[1] > 0, b_parts[1] / b_tokens[1],
                    0),
                a_tokens, a_parts, b_tokens, b_parts, b_neutral, a_price, b_list) AS unit,
            arraySum((t, v) -> t * v, tokens, unit) + other AS call_usd,
            arraySum(arraySlice(tokens, 1, 3)) AS prompt,
            arraySum((t, v) -> t * v, arraySlice(tokens, 1, 3), arraySlice(unit, 1, 3)) AS prompt_usd,
            arraySum(arraySlice(b_tokens, 1, 3)) AS b_prompt,
            arraySum((t, v) -> t * v, arraySlice(b_tokens, 1, 3), arraySlice(unit, 1, 3)) AS b_prompt_usd,
            multiIf(prompt > 0, prompt_usd / prompt, b_prompt > 0, b_prompt_usd / b_prompt, 0) AS prompt_unit
        FROM around
    ),
    split AS
    (
        SELECT
            *,
            toDecimal128(ifNull(b_usd, 0) - ifNull(a_usd, 0), 12) AS change,
            fb_n / fa_n AS growth,
            toFloat64(ifNull(a_usd, 0)) AS a_spent,
            1e-12 * (abs(a_spent) + abs(toFloat64(ifNull(b_usd, 0)))) AS noise,
            if(ma_n > 0, ma_usd / ma_n, sum(if(b_n > 0, b_n * call_usd, 0)) OVER (PARTITION BY feature, provider, model) / mb_n) AS model_call_usd,
            multiIf(fa_n = 0 AND fb_n = 0, 'volume',
                fa_n = 0, if(fa_unpriced > 0, 'coverage', 'new'),
                fb_n = 0, if(fb_unpriced > 0, 'coverage', 'gone'), '') AS only_part,
            multiIf(
                only_part != '', [0., 0., 0., 0., 0., 0., 0., 0., 0.],
                b_n = 0, [a_spent * (growth - 1), -a_spent * growth, 0., 0., 0., 0., 0., 0., 0.],
                [
                    a_spent * (growth - 1),
                    b_n * model_call_usd - a_spent * growth,
                    b_n * (call_usd - model_call_usd),
                    (b_prompt - b_n * prompt) * prompt_unit,
                    b_prompt_usd - b_prompt * prompt_unit,
                    (b_tokens[4] - b_n * tokens[4]) * unit[4],
                    arraySum((q, b, a) -> q * (b - a), b_neutral, b_price, a_price),
                    arraySum((q, a, t, v) -> q * a - t * v, b_neutral, a_price, b_tokens, unit),
                    b_other - b_n * other
                ]) AS floats,
            -- What doubles cannot distinguish from nothing is nothing.
            arrayMap(x -> toDecimal128(if(abs(x) < 1e15 AND abs(x) > noise, round(x, 12), 0), 12), floats) AS rounded,
            -- The parts are equal to the change but for rounding, which the largest one takes.
            indexOf(arrayMap(x -> abs(x), rounded), arrayMax(arrayMap(x -> abs(x), rounded))) AS largest,
            change - arraySum(rounded) AS rest,
            arrayMap((x, n) -> x + if(n = largest AND only_part = '', rest, toDecimal128(0, 12)), rounded, arrayEnumerate(rounded)) AS parts
        FROM based
    )
SELECT
    feature, provider, model,
    sum(s.a_calls) AS a_calls, sum(s.b_calls) AS b_calls,
    sum(s.a_unpriced) AS a_unpriced_calls, sum(s.b_unpriced) AS b_unpriced_calls,
    toUInt64(sum(s.a_n)) AS a_replies, toUInt64(sum(s.b_n)) AS b_replies,
    sum(s.a_usd) AS a_usd, sum(s.b_usd) AS b_usd,
    sum(s.change) AS change_usd,
    sumIf(s.change, only_part = 'new') AS new_usd,
    sumIf(s.change, only_part = 'gone') AS gone_usd,
    sumIf(s.change, only_part = 'coverage') AS coverage_usd,
    sum(s.parts[1]) + sumIf(s.change, only_part = 'volume') AS volume_usd,
    sum(s.parts[2]) AS model_usd,
    sum(s.parts[3]) AS mode_usd,
    sum(s.parts[4]) AS prompt_usd,
    sum(s.parts[5]) AS cache_usd,
    sum(s.parts[6]) AS output_usd,
    sum(s.parts[7]) AS price_usd,
    sum(s.parts[8]) AS rates_usd,
    sum(s.parts[9]) AS tools_usd
FROM split AS s
GROUP BY feature, provider, model
