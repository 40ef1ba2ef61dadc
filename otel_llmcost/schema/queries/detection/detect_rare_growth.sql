-- Features with fewer than 24 calls a day are compared by calls: three of the last five (within seven days) are each
-- half as long again, at least, as the longest of twenty or more before them, of four weeks.
WITH
    rare AS
    (
        SELECT environment, feature, model
        FROM llmcost.feature_days FINAL
        WHERE as_of = toStartOfHour({now:DateTime('UTC')}) AND day < 28
        GROUP BY environment, feature, model
        HAVING sum(used_calls) BETWEEN 23 AND 24 * 28 AND max(last_hour) > {now:DateTime('UTC')} - INTERVAL 8 HOUR
    ),
    past AS
    (
        SELECT
            environment, feature, model, part,
            -- The newest first: hour, calls, tokens, USD, and the size of each call.
            arrayReverseSort(groupArray((
                h.hour, h.used_calls,
                if(part = 'input', h.uncached_input_tokens + h.cache_read_tokens + h.cache_write_tokens, h.output_tokens),
                toFloat64(if(part = 'input',
                    ifNull(h.cost_input_usd, 0) + ifNull(h.cost_cache_read_usd, 0) + ifNull(h.cost_cache_write_usd, 0), ifNull(h.cost_output_usd, 0))),
                arrayFlatten(arrayMap((size, many) -> arrayWithConstant(many, size),
                    mapKeys(if(part = 'input', h.input_sizes, h.output_sizes)), mapValues(if(part = 'input', h.input_sizes, h.output_sizes))))))) AS hours,
            arrayFlatten(arrayMap(h -> arrayReverseSort(h.5), hours)) AS sizes,
            arraySlice(sizes, 1, 5) AS last_sizes,
            arrayMax(arraySlice(sizes, 6)) AS most,
            -- Hours that hold the last five calls.
            arrayFirstIndex(x -> x >= 5, arrayCumSum(h -> h.2, hours)) AS many,
            arraySlice(hours, 1, many) AS recent, arraySlice(hours, many + 1) AS before,
            any(h.cost_usd) AS some_usd,
            argMax((h.worst_record_id, h.worst_trace_id), h.hour) AS worst
        FROM llmcost.feature_hours AS h FINAL
        ARRAY JOIN ['input', 'output'] AS part
        WHERE h.hour > toStartOfHour({now:DateTime('UTC')}) - INTERVAL 28 DAY AND h.hour <= {now:DateTime('UTC')}
            AND (h.environment, h.feature, h.model) IN rare AND h.used_calls > 0
            AND (h.hour, h.rebuilt_at) IN
            (
                SELECT hour, max(rebuilt_at)
                FROM llmcost.feature_hours
                WHERE hour > toStartOfHour({now:DateTime('UTC')}) - INTERVAL 28 DAY
                GROUP BY hour
            )
        GROUP BY environment, feature, model, part
        HAVING length(sizes) >= 25
    )
SELECT
    if(part = 'input', 'prompt_growth', 'output_growth') AS kind,
    environment, feature, model,
    arrayMin(h -> h.1, longer) AS started_at, arraySum(h -> h.2, longer) AS calls,
    arraySum(h -> h.3, before) / arraySum(h -> h.2, before) AS expected,
    arraySum(h -> h.3, longer) / calls AS actual,
    concat(part, ' tokens per call') AS unit,
    if(isNull(some_usd), NULL,
        arraySum(h -> h.4, longer) - calls * arraySum(h -> h.4, before) / arraySum(h -> h.2, before)) AS excess,
    '' AS why,
    arrayFilter(h -> arrayMax(h.5) >= most + 3, recent) AS longer,
    longer[1].1 AS last_hour,
    worst.1 AS worst_record_id, worst.2 AS worst_trace_id
FROM past
WHERE arrayCount(size -> size >= most + 3, last_sizes) >= 3
    AND recent[1].1 > {now:DateTime('UTC')} - INTERVAL 7 HOUR AND started_at > {now:DateTime('UTC')} - INTERVAL 7 DAY
    AND ifNull(excess * 24 / greatest(24, dateDiff('hour', started_at, {now:DateTime('UTC')})) >= {strictness:Float64} * {floor_usd:Float64}, true)
