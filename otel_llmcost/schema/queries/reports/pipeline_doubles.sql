-- Replies that a second emitter reported, too: one row per pair of emitters, over a range. Only `kept_source` counts.
-- Source: duplicate_calls.
SELECT source, kept_source, count() AS records, max(ts) AS newest
FROM llmcost.duplicate_calls FINAL
WHERE ts >= {since:DateTime64(3, 'UTC')} AND ts < {until:DateTime64(3, 'UTC')}
GROUP BY source, kept_source
ORDER BY records DESC, source, kept_source
LIMIT {limit:UInt32}
