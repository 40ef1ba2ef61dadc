-- One row per bucket and kind of token: tokens per call. Reasoning is part of what is billed as output, shown apart.
SELECT time, kind.1 AS series, kind.2 / nullIf(made, 0) AS tokens_per_call
FROM
(
    SELECT
        $__timeInterval(hour) AS time,
        sum(calls) AS made,
        [
            ('uncached input', toInt64(sum(uncached_input_tokens))),
            ('cache read', toInt64(sum(cache_read_tokens))),
            ('cache write', toInt64(sum(cache_write_tokens))),
            ('output', toInt64(sum(output_tokens)) - toInt64(sum(reasoning_tokens))),
            ('reasoning', toInt64(sum(reasoning_tokens)))
        ] AS kinds
    FROM llmcost.hourly_spend
    WHERE ${hours}
        AND ${filters}
    GROUP BY time
)
ARRAY JOIN kinds AS kind
ORDER BY time, series
