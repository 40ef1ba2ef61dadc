-- One row per incident that went on in the range: from when to when, its kind and state.
SELECT
    toDateTime(start, 'UTC') AS time, toDateTime(ifNull(end, now()), 'UTC') AS timeEnd,
    concat(feature, ': ', kinds[1], ' (', state, ')') AS title, evidence AS text, concat('incident,', kinds[1], ',', state) AS tags
FROM llmcost.incidents
WHERE start < ${until} AND ifNull(end, now()) >= ${since} AND level = 'report'
    AND ${filters:environment,feature,model}
ORDER BY time, title
LIMIT 100
