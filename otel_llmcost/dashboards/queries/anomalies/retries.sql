-- One row per bucket and feature: attempts beyond the first. The seven features with most, the rest as other. By day from
-- seven days on.
SELECT time, if(place <= 7, feature, 'other') AS series, sum(made) AS resends
FROM
(
    SELECT *, dense_rank() OVER (ORDER BY total DESC, feature) AS place
    FROM
    (
        SELECT time, feature, sum(s.resends) AS made, sum(made) OVER (PARTITION BY feature) AS total
        FROM llmcost.finish_reasons(since = ${since}, until = $__toTime, step = ${step}) AS s
        WHERE s.resends > 0
            AND ${filters}
        GROUP BY time, feature
    )
)
GROUP BY time, series
ORDER BY time, series
