-- What features used since an hour, and what they used in the usual hours before, by model: what an anomaly's excess
-- is split from. Usual hours are those of the same environment, `place` ''; of all environments it is '*'. `hours` is
-- how many hours the usual ones stand for; hours without calls have no row. `norms` is what is compared, `size` or `volume`.
WITH
    wanted AS
    (
        SELECT number, environment, feature, since, norm, arrayJoin(['', '*']) AS place
        FROM
        (
            SELECT
                arrayJoin(arrayZip(
                    range(length({features:Array(String)})), {environments:Array(String)}, {features:Array(String)},
                    {since:Array(DateTime('UTC'))}, {norms:Array(String)})) AS one,
                one.1 AS number, one.2 AS environment, one.3 AS feature, one.4 AS since, one.5 AS norm
        )
    ),
    unusual AS
    (
        -- Of all environments together, an hour that is unusual in one is.
        SELECT w.number AS number, w.place AS place, groupUniqArray(u.hour) AS hours
        FROM wanted AS w
        INNER JOIN llmcost_internal.unusual_hours(now = {now:DateTime('UTC')}) AS u ON w.feature = u.feature AND w.norm = u.norm
        WHERE w.place = '*' OR w.environment = u.environment
        GROUP BY number, place
    )
SELECT
    w.number AS number, h.hour >= w.since AS is_recent, w.place AS place,
    h.model AS model, any(h.provider) AS provider,
    sum(h.calls) AS calls,
    sum(h.unpriced_calls) AS unpriced_calls,
    sum(h.cost_usd) AS usd,
    sum(h.uncached_input_tokens) AS input, sum(h.cache_read_tokens) AS cache_read, sum(h.cache_write_tokens) AS cache_write,
    sum(h.output_tokens) AS output, sum(h.reasoning_tokens) AS reasoning,
    toFloat64(ifNull(sum(h.cost_input_usd), 0)) AS input_usd,
    toFloat64(ifNull(sum(h.cost_cache_read_usd), 0)) AS cache_read_usd,
    toFloat64(ifNull(sum(h.cost_cache_write_usd), 0)) AS cache_write_usd,
    toFloat64(ifNull(sum(h.cost_output_usd), 0)) AS output_usd,
    toFloat64(ifNull(sum(h.retried_usd), 0)) AS retried_usd,
    min(min(h.hour)) OVER (PARTITION BY number, is_recent, place) AS first,
    least(168, dateDiff('hour', first, any(w.since)) - length(arrayFilter(u -> u >= first AND u < any(w.since), any(n.hours)))) AS hours
FROM wanted AS w
INNER JOIN llmcost_internal.watched_hours(now = {now:DateTime('UTC')}) AS h ON w.feature = h.feature
LEFT JOIN unusual AS n ON w.number = n.number AND w.place = n.place
WHERE if(is_recent,
        h.environment = w.environment AND w.place = '',
        h.ago >= 6 AND (w.place = '*' OR h.environment = w.environment) AND NOT has(n.hours, h.hour))
GROUP BY number, is_recent, place, model
ORDER BY number, is_recent, place, model
