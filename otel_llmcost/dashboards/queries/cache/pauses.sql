-- One row per length of pause since the last call with the same prefix: how many calls, and how many of them read from the
-- cache. Anthropic keeps an entry five minutes or an hour, OpenAI half an hour or twelve; a shorter pause is in the class of
-- the usual life of its model.
SELECT
    transform(gap, [300, 1800, 3600, 43200], ['up to 5 min', 'up to 30 min', 'up to 1 h', 'up to 12 h'], 'longer, or first') AS pause,
    sum(t.calls) AS call_count,
    sumIf(t.calls, cache = 'read') / call_count AS read_share
FROM llmcost.cache_reuse_between(since = $__fromTime, until = $__toTime) AS t
WHERE cache != 'off'
    AND ${filters:environment,feature,model}
GROUP BY gap
ORDER BY gap
LIMIT 5
