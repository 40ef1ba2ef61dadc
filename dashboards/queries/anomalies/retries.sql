-- One row per bucket and feature: attempts beyond the first. The seven features with most, the rest as other.
WITH
    some AS
    (
        SELECT ts, feature, resend_count
        FROM llmcost.calls
        WHERE $__timeFilter(ts) AND resend_count > 0
            AND ${filters}
    ),
    top AS (SELECT feature FROM some GROUP BY feature ORDER BY sum(resend_count) DESC LIMIT 7)
SELECT $__timeInterval(ts) AS time, if(feature IN (SELECT feature FROM top), feature, 'other') AS series, sum(resend_count) AS resends
FROM some
GROUP BY time, series
ORDER BY time, series
