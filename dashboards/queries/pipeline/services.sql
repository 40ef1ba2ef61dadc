-- One row per environment, service and emitter: when it was last heard of.
SELECT environment, service, source, max(ts) AS last_call, count() AS calls, countIf(cost_usd IS NULL) / count() AS unpriced_share,
    countIf(feature_source != 'tag') / count() AS untagged_share, any(service_version) AS version
FROM llmcost.calls
WHERE $__timeFilter(ts)
    AND ${filters}
GROUP BY environment, service, source
ORDER BY last_call DESC
LIMIT 30
