-- Incidents that were seen within nine days before a moment, as they were last written: one row each.
SELECT * EXCEPT (logged_at)
FROM llmcost.incident_log FINAL
WHERE last_seen_at >= {now:DateTime('UTC')} - INTERVAL 9 DAY AND started_at <= {now:DateTime('UTC')}
ORDER BY started_at, incident_id
