-- One row while the norms of a moment's hour are still to be computed, or hours of their past were rebuilt or expected since.
WITH (SELECT max(acked_at) FROM llmcost.incident_acks) AS acked_at,
(SELECT max(computed_at) FROM llmcost.feature_shapes WHERE as_of = toStartOfHour({now:DateTime('UTC')})) AS computed_at
SELECT max(rebuilt_at) AS newest
FROM llmcost.feature_hours
WHERE hour >= toStartOfHour({now:DateTime('UTC')}) - INTERVAL 8 DAY AND hour <= toStartOfHour({now:DateTime('UTC')}) - INTERVAL 6 HOUR
HAVING count() > 0 AND greatest(newest, acked_at) >= computed_at
