-- Grain: one row per anomaly: one feature, one kind, from the first hour it was seen in to the last. They are the lines of
-- `incidents`, which say what was reported and acknowledged.
-- `state`: open (seen within the last two hours), closed, or what somebody said of its incident: acknowledged, expected,
-- muted. `end` is NULL while it is open. `parts` add up to excess_usd to the last digit; both are NULL or empty where the
-- cost is unknown. `level` is report, or digest: too little for more than a line of the daily digest.
-- Source: anomaly_log, incidents, incident_log.
CREATE OR REPLACE VIEW llmcost.anomalies ${on_cluster} AS
SELECT
    l.anomaly_id AS anomaly_id,
    i.incident_id AS incident_id,
    l.started_at AS start,
    if(l.ended_at >= now() - INTERVAL 2 HOUR, NULL, l.ended_at) AS end,
    l.detected_at AS detected_at,
    l.environment AS environment,
    l.feature AS feature,
    l.model AS model,
    l.kind AS kind,
    l.level AS level,
    l.evidence AS evidence,
    l.calls AS calls,
    l.expected AS expected,
    l.actual AS actual,
    l.unit AS unit,
    l.excess_usd AS excess_usd,
    l.worst_record_id AS worst_record_id,
    l.worst_trace_id AS worst_trace_id,
    l.cause AS cause,
    l.parts AS parts,
    multiIf(i.state IN ('acknowledged', 'expected', 'muted'), i.state, isNull(end), 'open', 'closed') AS state,
    i.note AS note
FROM (SELECT * FROM llmcost.anomaly_log FINAL WHERE evidence != '') AS l
LEFT JOIN
(
    SELECT DISTINCT arrayJoin(g.anomaly_ids) AS anomaly_id, n.incident_id AS incident_id, n.state AS state, n.note AS note
    FROM llmcost.incident_log AS g FINAL
    INNER JOIN llmcost.incidents AS n ON n.incident_id = g.incident_id
) AS i ON l.anomaly_id = i.anomaly_id
