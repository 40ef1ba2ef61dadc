-- Who said what about an incident, the first at the top: one row per acknowledgement. Source: incident_acks.
SELECT acked_at, acked_by, state, excess_usd, note
FROM llmcost.incident_acks FINAL
WHERE incident_id = {incident_id:String}
ORDER BY acked_at
