-- Notices of an incident, to every receiver, the newest first: when and why it was reported. Source: notices.
SELECT noticed_at, kind, state, attempts, JSONExtractString(payload, 'title') AS title
FROM llmcost.notices FINAL
WHERE startsWith(notice_id, concat('incident:', {incident_id:String}, ':'))
ORDER BY noticed_at DESC, notice_id, receiver
