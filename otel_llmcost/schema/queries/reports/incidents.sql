-- Incidents that went on in a window, the newest first. `status` is for people: an open one of which nothing was seen for
-- an hour is quiet. Source: incidents. reports/incidents.py puts conditions between the markers.
SELECT
    start, end, last_seen_at, state,
    if(state = 'open' AND last_seen_at < now() - INTERVAL 1 HOUR, 'quiet', state) AS status,
    level, environment, feature, kinds, cause, evidence, model, service_version, version_since, days, calls,
    expected, actual, unit, excess_usd, excess_usd_per_day, share_of_feature, share_of_bill, users, sessions, call_sites,
    toJSONString(parts) AS parts, incident_id, worst_record_id, worst_trace_id, reported_usd, detected_at, note
FROM llmcost.incidents AS i
WHERE start < {until:DateTime64(3, 'UTC')} AND ifNull(end, now()) >= {since:DateTime64(3, 'UTC')}
    AND ({environment:String} = '' OR environment = {environment:String})
    AND ({feature:String} = '' OR feature = {feature:String})
    AND ({model:String} = '' OR model = {model:String})
    AND /* only */ 1 /* only */
ORDER BY start DESC, excess_usd DESC NULLS LAST, incident_id
LIMIT {limit:UInt32}
