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
        CAST(sumMap(if(block = 'hour', mapApply((size, many) -> (size, many * 6), h.input_sizes), h.input_sizes)) AS Map(UInt8, UInt32)) AS input_sizes,
        CAST(sumMap(if(block = 'hour', mapApply((size, many) -> (size, many * 6), h.output_sizes), h.output_sizes)) AS Map(UInt8, UInt32)) AS output_sizes
    FROM llmcost_internal.watched_hours(now = {now:DateTime('UTC')}) AS h
    ARRAY JOIN [(h.environment, h.model), (h.environment, '*'), ('*', h.model), ('*', '*')] AS one
    ARRAY JOIN if(h.ago % 24 < 6, ['six hours', 'hour'], ['six hours']) AS block
    WHERE h.has_usual_size
    GROUP BY place, feature, model, block, if(block = 'hour', h.ago, intDiv(h.ago, 6))
    HAVING block = 'six hours' OR sum(h.used_calls) >= 5
)
GROUP BY place, feature, model
