-- Grain: one row per anomaly: one feature, one kind, from the first hour it was seen in to the last.
-- `state`: open (seen within the last two hours), closed, or what somebody said with `otel-llmcost anomalies ack`:
-- acknowledged, expected. `end` is NULL while it is open. `parts` add up to excess_usd to the last digit; both are
-- NULL or empty where the cost is unknown.
-- Source: anomaly_log, anomaly_acks.
CREATE OR REPLACE VIEW llmcost.anomalies ${on_cluster} AS
SELECT
    l.anomaly_id AS anomaly_id,
    l.started_at AS start,
    if(l.ended_at >= now() - INTERVAL 2 HOUR, NULL, l.ended_at) AS end,
    l.detected_at AS detected_at,
    l.environment AS environment,
    l.feature AS feature,
    l.model AS model,
    l.kind AS kind,
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
    multiIf(a.expected = 1, 'expected', a.anomaly_id != '', 'acknowledged', isNull(end), 'open', 'closed') AS state,
    a.note AS note
FROM (SELECT * FROM llmcost.anomaly_log FINAL WHERE evidence != '') AS l
LEFT JOIN (SELECT anomaly_id, expected, note FROM llmcost.anomaly_acks FINAL) AS a ON l.anomaly_id = a.anomaly_id
