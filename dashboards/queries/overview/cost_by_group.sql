-- One row per bucket and series: dollars, by what the reader groups by. The seven dearest, the rest as other.
-- The picker's values are constants that are compared, never pasted as a name.
WITH
    grouped AS
    (
        SELECT
            hour,
            multiIf(
                '${group_by}' = 'model', toString(model),
                '${group_by}' = 'team', toString(team),
                '${group_by}' = 'service', toString(service),
                '${group_by}' = 'environment', toString(environment),
                '${group_by}' = 'provider', toString(provider),
                toString(feature)) AS raw,
            if(raw = '', '(none)', raw) AS name,
            cost_usd
        FROM llmcost.spend_1h
        WHERE ${hours}
            AND ${filters}
    ),
    top AS
    (
        SELECT name
        FROM grouped
        GROUP BY name
        HAVING sum(cost_usd) > 0
        ORDER BY sum(cost_usd) DESC
        LIMIT 7
    )
SELECT
    $__timeInterval(hour) AS time,
    if(name IN (SELECT name FROM top), name, 'other') AS series,
    sum(cost_usd) AS usd
FROM grouped
GROUP BY time, series
HAVING usd IS NOT NULL
ORDER BY time, series
