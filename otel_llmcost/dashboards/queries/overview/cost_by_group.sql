-- One row per bucket and series: dollars, by what the reader groups by. The seven most expensive, the rest as other.
-- The picker's values are constants that are compared, never pasted as a name.
SELECT time, if(place <= 7 AND total > 0, name, 'other') AS series, sum(usd) AS usd
FROM
(
    SELECT time, name, usd, total, dense_rank() OVER (ORDER BY total DESC NULLS LAST, name) AS place
    FROM
    (
        SELECT
            $__timeInterval(hour) AS time,
            multiIf(
                '${group_by:percentencode}' = 'model', toString(model),
                '${group_by:percentencode}' = 'team', toString(team),
                '${group_by:percentencode}' = 'service', toString(service),
                '${group_by:percentencode}' = 'environment', toString(environment),
                '${group_by:percentencode}' = 'provider', toString(provider),
                toString(feature)) AS raw,
            if(raw = '', '(none)', raw) AS name,
            sum(cost_usd) AS usd,
            sum(usd) OVER (PARTITION BY name) AS total
        FROM llmcost.hourly_spend
        WHERE ${hours}
            AND ${filters}
        GROUP BY time, raw
    )
)
GROUP BY time, series
HAVING usd IS NOT NULL
ORDER BY time, series
