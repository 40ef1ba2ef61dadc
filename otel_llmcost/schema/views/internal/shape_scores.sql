-- Grain: one row per environment, feature, model and window before a moment whose calls are longer than usual, with the
-- evidence that they grew: their log likelihood as the calls of some past six hours, each made `times` longer, minus that
-- of the calls of any past six hours, less the one call that gives most (twice, when there are fewer than eight). `part`
-- is what is looked at: `input` or `output`.
-- `score` is of twice as long and more, against up to half as long again; `lesser_score` of half as long again and more.
-- A mix of what the past had scores below 0, whatever its mean. A past is 95 % its calls and 15 of all the past, 4 %
-- those spread over four octaves, and 1 % anything.
-- `last_hour` is the newest hour that by itself is evidence of it.
-- Source: hour_norms, feature_shapes; shape_scores(now = ..., part = ...).
CREATE OR REPLACE VIEW llmcost_internal.shape_scores ${on_cluster} AS
WITH
    96 AS bins,
    -- Counts of every size from 0 on.
    m -> arrayMap(x -> toFloat32(x), mapValues(mapPopulateSeries(mapAdd(m, map(toUInt8(0), toUInt32(0))), toUInt8(bins - 1)))) AS dense,
    [0, 1, 2, 3, 4, 5, 6, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27] AS steps,
    -- The likelihood of each size after a past that is n steps longer.
    (n, p) -> arrayConcat(arrayWithConstant(n, toFloat32(log(0.01 / bins))), arraySlice(p, 1, bins - n)) AS made_longer,
    (g, x, calls) -> dotProduct(g, x) - if(calls < 8, 2, 1) * greatest(0, arrayMax((gain, many) -> if(many > 0, gain, 0), g, x)) AS evidence,
    longer AS
    (
        SELECT
            environment, feature, model, w, n, base_place, base_model,
            dense(if({part:String} = 'input', input_sizes, output_sizes)) AS sizes,
            hours
        FROM llmcost_internal.hour_norms(now = {now:DateTime('UTC')})
        WHERE base_hours > 0 AND n >= 3
            AND if({part:String} = 'input', input_tokens / n >= 1.15 * base_input_tokens, output_tokens / n >= 1.15 * base_output_tokens)
            AND ifNull(if({part:String} = 'input', input_usd - n * base_input_usd, output_usd - n * base_output_usd) >= needed_usd, true)
    ),
    past AS
    (
        SELECT
            place, feature, model,
            arrayMap(b -> dense(b), if({part:String} = 'input', input_blocks, output_blocks)) AS blocks,
            arrayReduce('sumForEach', blocks) AS every_call,
            arrayMap(x -> x / arraySum(every_call), every_call) AS week,
            arrayCumSum(week) AS up_to,
            arrayMap(
                (high, low) -> (high - low) / 17,
                arrayConcat(arraySlice(up_to, 9), arrayWithConstant(8, 1.)), arrayConcat(arrayWithConstant(9, 0.), arraySlice(up_to, 1, bins - 9))) AS broad
        FROM llmcost.feature_shapes FINAL
        WHERE as_of = toStartOfHour({now:DateTime('UTC')})
            AND (place, feature, model) IN (SELECT base_place, feature, base_model FROM longer)
    ),
    likely AS
    (
        SELECT
            place, feature, model,
            arrayMap(
                (x, usual, wide) -> toFloat32(log(0.95 * (x + 15 * usual) / (calls + 15) + 0.04 * wide + 0.01 / bins)),
                block, week, broad) AS logs
        FROM (SELECT place, feature, model, week, broad, arrayJoin(blocks) AS block, arraySum(block) AS calls FROM past)
    ),
    -- Made n quarters of an octave longer, a size is as likely as the one n below it was.
    tried AS
    (
        SELECT
            l.environment AS environment, l.feature AS feature, l.model AS model, l.w AS w, l.n AS n, l.sizes AS sizes, l.hours AS hours, p.logs AS logs,
            arrayMap(
                n -> dotProduct(arrayResize(arraySlice(sizes, n + 1), bins, toFloat32(0)), logs) + arraySum(arraySlice(sizes, 1, n)) * log(0.01 / bins),
                steps) AS fits,
            arrayMax(arraySlice(fits, 1, 3)) AS fits_usual, arrayMax(arraySlice(fits, 5)) AS fits_longer,
            arrayMax(arraySlice(fits, 1, 2)) AS fits_nearly, arrayMax(arraySlice(fits, 3, 2)) AS fits_little_longer
        FROM longer AS l
        INNER JOIN likely AS p ON l.base_place = p.place AND l.feature = p.feature AND l.base_model = p.model
    ),
    best AS
    (
        SELECT
            environment, feature, model, w, any(n) AS n, any(sizes) AS sizes, any(hours) AS hours,
            arrayMap(
                (a, b) -> a - b,
                argMax(made_longer(steps[indexOf(fits, fits_longer)], logs), fits_longer),
                argMax(made_longer(steps[indexOf(fits, fits_usual)], logs), fits_usual)) AS gains,
            arrayMap(
                (a, b) -> a - b,
                argMax(made_longer(steps[indexOf(fits, fits_little_longer)], logs), fits_little_longer),
                argMax(made_longer(steps[indexOf(fits, fits_nearly)], logs), fits_nearly)) AS lesser_gains
        FROM tried
        GROUP BY environment, feature, model, w
    )
SELECT
    environment, feature, model, w,
    evidence(gains, sizes, n) AS score,
    evidence(lesser_gains, sizes, n) AS lesser_score,
    arrayMax(
        h -> if(dotProduct(if(score >= lesser_score, gains, lesser_gains), dense(if({part:String} = 'input', h.input_sizes, h.output_sizes))) > 0, h.hour, toDateTime(0, 'UTC')),
        hours) AS last_hour
FROM best
