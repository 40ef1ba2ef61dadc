-- Incidents that are too little for a notice of their own and went on between two moments: one row each, the most
-- expensive first. Source: incidents.
SELECT *
FROM llmcost.incidents
WHERE level = 'digest' AND state NOT IN ('expected', 'muted')
    AND start < {until:DateTime('UTC')} AND last_seen_at >= {since:DateTime('UTC')}
ORDER BY excess_usd DESC NULLS LAST, incident_id
LIMIT 8
