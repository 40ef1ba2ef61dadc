-- How large calls were in each six hours before the hour of a moment, into feature_shapes.
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
    FROM llmcost_internal.watched_hours(now = {now:DateTime('UTC')}) AS h
    ARRAY JOIN [(h.environment, h.model), (h.environment, '*'), ('*', h.model), ('*', '*')] AS one
    WHERE h.has_usual_size
    GROUP BY place, feature, model, intDiv(h.ago, 6)
)
GROUP BY place, feature, model
