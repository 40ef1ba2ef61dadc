-- One row per bucket and kind of input token: tokens.
SELECT $__timeInterval(hour) AS time, kind.1 AS series, sum(kind.2) AS tokens
FROM
(
    SELECT hour, arrayJoin([
        ('uncached input', uncached_input_tokens), ('cache read', cache_read_tokens), ('cache write', cache_write_tokens)]) AS kind
    FROM llmcost.cache_efficiency
    WHERE ${hours}
        AND ${filters:environment,service,feature,model}
)
GROUP BY time, series
ORDER BY time, series
