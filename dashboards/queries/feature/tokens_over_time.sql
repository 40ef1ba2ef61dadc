-- One row per bucket and kind of token: tokens per call. Reasoning is part of what is billed as output, told apart.
SELECT
    $__timeInterval(hour) AS time,
    kind.1 AS series,
    sum(kind.2) / nullIf(sum(calls), 0) AS tokens_per_call
FROM
(
    SELECT hour, calls, arrayJoin([
        ('uncached input', toInt64(uncached_input_tokens)),
        ('cache read', toInt64(cache_read_tokens)),
        ('cache write', toInt64(cache_write_tokens)),
        ('output', toInt64(output_tokens) - toInt64(reasoning_tokens)),
        ('reasoning', toInt64(reasoning_tokens))]) AS kind
    FROM llmcost.spend_1h
    WHERE ${hours}
        AND ${filters}
)
GROUP BY time, series
ORDER BY time, series
