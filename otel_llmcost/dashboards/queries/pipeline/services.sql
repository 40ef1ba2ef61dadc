-- One row per environment, service and emitter: when it was last heard of.
SELECT
    environment, service, source, max(s.last_ts) AS last_call, sum(s.calls) AS calls,
    sumIf(s.calls, is_unpriced) / sum(s.calls) AS unpriced_share, sum(s.untagged_calls) / sum(s.calls) AS untagged_share,
    argMax(s.service_version, s.last_ts) AS version
FROM llmcost.finish_reasons(since = ${since}, until = ${until}, step = 86400) AS s
WHERE ${filters}
GROUP BY environment, service, source
ORDER BY last_call DESC
LIMIT 30
