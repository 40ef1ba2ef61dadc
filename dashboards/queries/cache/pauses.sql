-- One row per length of pause between two calls of a feature and model within a service: how many, and how much of
-- their input came from the cache. Anthropic's default cache entry lives five minutes, the long one an hour.
SELECT pause, calls, hit_share
FROM
(
    SELECT
        multiIf(seconds < 60, 'under 1 min', seconds < 300, '1 to 5 min', seconds < 3600, '5 to 60 min', 'over 60 min') AS pause,
        count() AS calls,
        sum(cache_read_tokens) / nullIf(sum(input_tokens), 0) AS hit_share,
        min(seconds) AS shortest
    FROM
    (
        SELECT
            input_tokens, cache_read_tokens, cache_write_tokens,
            dateDiff('second', lagInFrame(toNullable(ts)) OVER same, ts) AS seconds
        FROM llmcost.calls
        WHERE $__timeFilter(ts) AND cache_read_tokens + cache_write_tokens > 0
            AND ${filters}
        WINDOW same AS (PARTITION BY environment, service, feature, model ORDER BY ts ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING)
    )
    WHERE seconds IS NOT NULL
    GROUP BY pause
)
ORDER BY shortest
LIMIT 4
