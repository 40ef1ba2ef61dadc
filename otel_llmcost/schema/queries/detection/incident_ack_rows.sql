-- Acknowledgements, the newest of each incident: one row each, with what the incident is by now.
SELECT
    a.incident_id AS incident_id, a.state AS state, a.acked_at AS acked_at, a.excess_usd AS excess_usd,
    i.environment AS environment, i.feature AS feature, i.kinds AS kinds,
    i.service_version AS service_version, i.seen_hours AS seen_hours
FROM
(
    SELECT
        incident_id,
        max(acked_at) AS acked_at,
        argMax(state, incident_acks.acked_at) AS state,
        argMax(tuple(excess_usd), incident_acks.acked_at).1 AS excess_usd
    FROM llmcost.incident_acks
    GROUP BY incident_id
) AS a
LEFT JOIN (SELECT * FROM llmcost.incident_log FINAL) AS i ON a.incident_id = i.incident_id
