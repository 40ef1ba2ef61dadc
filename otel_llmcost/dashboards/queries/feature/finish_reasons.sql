-- One row per bucket and finish reason: calls. By day from seven days on.
SELECT time, finish_reason AS series, sum(s.calls) AS calls
FROM llmcost.finish_reasons(since = ${since}, until = ${until}, step = ${step}) AS s
WHERE ${filters}
GROUP BY time, series
ORDER BY time, series
