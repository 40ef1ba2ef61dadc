-- How many calls of a range cost how much: one row per half of a power of ten, with the calls of unknown cost (`from_usd` NULL)
-- and those that cost nothing (0) in rows of their own. Source: calls.
-- Runs as it stands; reports/call_list.py puts its own expressions between the markers (`only`).
SELECT
    if(isNull(c.cost_usd), NULL, if(c.cost_usd <= 0, 0, exp10(floor(log10(toFloat64(c.cost_usd)) * 2) / 2))) AS from_usd,
    if(isNull(c.cost_usd), NULL, if(c.cost_usd <= 0, 0, exp10((floor(log10(toFloat64(c.cost_usd)) * 2) + 1) / 2))) AS to_usd,
    count() AS calls,
    sum(c.cost_usd) AS cost_usd
FROM llmcost.calls AS c
WHERE c.ts >= {since:DateTime64(3, 'UTC')}
    AND c.ts < {until:DateTime64(3, 'UTC')}
    AND /* only */ 1 /* only */
    AND ({search:String} = ''
        OR {search:String} IN (c.record_id, c.trace_id, c.span_id, c.response_id)
        OR positionCaseInsensitiveUTF8(
            concat(c.feature, '\n', c.model, '\n', c.user_id, '\n', c.session_id, '\n', c.call_site, '\n', c.error_type),
            {search:String}) > 0)
GROUP BY from_usd, to_usd
ORDER BY from_usd NULLS FIRST
