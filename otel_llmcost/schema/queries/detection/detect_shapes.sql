-- How large calls were in each six hours before the hour of a moment, and in each of the six hours at this time of day,
-- into feature_shapes: what is done every night or every week is known by the hour, which counts as if six had been so.
INSERT INTO llmcost.feature_shapes
SELECT
    toStartOfHour({now:DateTime('UTC')}) AS as_of,
    place, feature, model,
    groupArray(input_sizes) AS input_blocks, groupArray(output_sizes) AS output_blocks,
    now64(3) AS computed_at
FROM
(
    SELECT
        one.1 AS place, feature, one.2 AS model,
        CAST(sumMap(h.input_sizes) AS Map(UInt8, UInt32)) AS input_sizes,
        CAST(sumMap(h.output_sizes) AS Map(UInt8, UInt32)) AS output_sizes
    FROM
    (
        SELECT
            environment, feature, model, block, if(block = 'hour', ago, intDiv(ago, 6)) AS number,
            sum(w.used_calls) AS calls,
            if(block = 'hour', 6, 1) AS times,
            mapApply((size, many) -> (size, many * times), sumMap(w.input_sizes)) AS input_sizes,
            mapApply((size, many) -> (size, many * times), sumMap(w.output_sizes)) AS output_sizes
        FROM llmcost_internal.watched_hours(now = {now:DateTime('UTC')}) AS w
        ARRAY JOIN if(w.ago % 24 < 6, ['six hours', 'hour'], ['six hours']) AS block
        WHERE w.has_usual_size
        GROUP BY environment, feature, model, block, number
    ) AS h
    -- Where one falls back on others, six hours are enough.
    ARRAY JOIN if(
        h.block = 'hour', [(h.environment, h.model)],
        [(h.environment, h.model), (h.environment, '*'), ('*', h.model), ('*', '*')]) AS one
    GROUP BY place, feature, model, h.block, h.number
    HAVING h.block = 'six hours' OR sum(h.calls) >= 5
)
GROUP BY place, feature, model
