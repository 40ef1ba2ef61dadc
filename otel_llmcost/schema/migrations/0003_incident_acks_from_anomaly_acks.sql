-- Grain: as before.
-- Source: anomaly_acks. An incident has the id of its first anomaly, so what was acknowledged stays so.
INSERT INTO llmcost.incident_acks (incident_id, acked_at, acked_by, state, note)
SELECT anomaly_id, acked_at, acked_by, if(expected = 1, 'expected', 'acknowledged'), note
FROM llmcost.anomaly_acks FINAL
