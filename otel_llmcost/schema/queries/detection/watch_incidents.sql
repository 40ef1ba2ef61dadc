-- Incidents that were reported within the week before a moment, with their newest report: one row each. What somebody
-- said is expected or muted is left out. Source: incidents, incident_log.
SELECT n.*, g.reports AS reports, g.report_reason AS report_reason, g.reported_at AS reported_at
FROM llmcost.incidents AS n
INNER JOIN
(
    SELECT incident_id, reports, report_reason, reported_at
    FROM llmcost.incident_log FINAL
    WHERE reported_at >= {now:DateTime('UTC')} - INTERVAL 7 DAY
) AS g ON n.incident_id = g.incident_id
WHERE n.state NOT IN ('expected', 'muted')
ORDER BY reported_at, start, incident_id
