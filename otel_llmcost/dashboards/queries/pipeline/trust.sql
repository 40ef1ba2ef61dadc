-- One row per day, environment and service: how complete its figures are.
SELECT day, environment, service, records, calls, priced_share, tagged_share, partial_calls, lost_records, duplicate_records, foreign_records, max_lag_s, rejected
FROM llmcost.trust
WHERE day >= toDate($__fromTime, 'UTC') AND day <= toDate($__toTime, 'UTC')
    AND ${filters:environment,service}
ORDER BY day DESC, records DESC
LIMIT 50
