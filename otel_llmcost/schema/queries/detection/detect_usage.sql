-- What features used since an hour, and what they used in the normal hours before, by model: what an anomaly's excess
-- is split from. Normal hours are those of the same environment, `place` ''; of all environments it is '*'. `hours` is
-- how many hours the normal ones stand for; hours without calls have no row.
SELECT
    wanted.1 AS number, h.hour >= wanted.4 AS is_recent, place,
    h.model AS model, any(h.provider) AS provider,
    sum(h.calls) AS calls,
    sum(h.unpriced_calls) AS unpriced_calls,
    sum(h.cost_usd) AS usd,
    sum(h.uncached_input_tokens) AS input, sum(h.cache_read_tokens) AS cache_read, sum(h.cache_write_tokens) AS cache_write,
    sum(h.output_tokens) AS output,
    toFloat64(ifNull(sum(h.cost_input_usd), 0)) AS input_usd,
    toFloat64(ifNull(sum(h.cost_cache_read_usd), 0)) AS cache_read_usd,
    toFloat64(ifNull(sum(h.cost_cache_write_usd), 0)) AS cache_write_usd,
    toFloat64(ifNull(sum(h.cost_output_usd), 0)) AS output_usd,
    toFloat64(ifNull(sum(h.retried_usd), 0)) AS retried_usd,
    least(168, dateDiff('hour', min(min(h.hour)) OVER (PARTITION BY number, is_recent, place), any(wanted.4))) AS hours
FROM
(
    SELECT *, arrayJoin(['', '*']) AS place
    FROM llmcost_internal.watched_hours(now = {now:DateTime('UTC')}) AS w
    WHERE w.feature IN {features:Array(String)}
) AS h
ARRAY JOIN
    arrayFilter(a -> a.3 = h.feature, arrayZip(
        range(length({features:Array(String)})), {environments:Array(String)}, {features:Array(String)},
        {since:Array(DateTime('UTC'))})) AS wanted
WHERE if(is_recent,
        h.environment = wanted.2 AND place = '',
        h.is_normal AND (place = '*' OR h.environment = wanted.2))
GROUP BY number, is_recent, place, model
ORDER BY number, is_recent, place, model
