-- Grain: one row per incident: all that is unusual of one feature in one environment. It stays open until 24 hours have
-- been quiet, so what comes back every day is the same incident.
-- `state`: what somebody said with `otel-llmcost incidents ack` (acknowledged, expected, muted), else open or closed.
-- Expected holds until it costs twice what it did by then, also for a later incident of the same hours of the week or of the
-- same version. `last_seen_at` is when it last cost more than usual. `parts` add up to excess_usd to the last digit.
-- Source: incident_log, incident_acks.
CREATE OR REPLACE VIEW llmcost.incidents ${on_cluster} AS
WITH acks AS
(
    SELECT
        incident_id,
        argMax(state, acked_at) AS state,
        argMax(note, acked_at) AS note,
        argMax(tuple(excess_usd), acked_at).1 AS excess_usd
    FROM llmcost.incident_acks
    GROUP BY incident_id
)
SELECT
    i.incident_id AS incident_id,
    i.environment AS environment,
    i.feature AS feature,
    i.started_at AS start,
    if(i.last_seen_at >= now() - INTERVAL 24 HOUR, NULL, toDateTime(i.last_seen_at, 'UTC')) AS end,
    i.detected_at AS detected_at,
    i.last_seen_at AS last_seen_at,
    multiIf(
        a.state != '' AND NOT (a.state = 'expected' AND ifNull(i.excess_usd >= 2 * a.excess_usd, 0)), a.state,
        i.expected_by != '', 'expected',
        isNull(end), 'open',
        'closed') AS state,
    i.level AS level,
    i.kinds AS kinds,
    i.cause AS cause,
    i.evidence AS evidence,
    i.model AS model,
    i.service_version AS service_version,
    i.version_since AS version_since,
    toUInt32(length(arrayDistinct(arrayMap(h -> toDate(h), i.seen_hours)))) AS days,
    i.calls AS calls,
    i.expected AS expected,
    i.actual AS actual,
    i.unit AS unit,
    i.excess_usd AS excess_usd,
    i.excess_usd_per_day AS excess_usd_per_day,
    i.share_of_feature AS share_of_feature,
    i.share_of_bill AS share_of_bill,
    i.users AS users,
    i.sessions AS sessions,
    i.call_sites AS call_sites,
    i.worst_record_id AS worst_record_id,
    i.worst_trace_id AS worst_trace_id,
    i.parts AS parts,
    i.reported_usd AS reported_usd,
    if(a.state != '', a.note, e.note) AS note
FROM (SELECT * FROM llmcost.incident_log FINAL) AS i
LEFT JOIN acks AS a ON i.incident_id = a.incident_id
LEFT JOIN acks AS e ON i.expected_by = e.incident_id
