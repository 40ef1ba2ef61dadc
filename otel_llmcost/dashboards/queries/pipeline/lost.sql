-- One row: gaps in the sequence numbers of the processes that record. NULL without records.
SELECT if(sum(records) = 0, NULL, toNullable(sum(lost_records))) AS lost
FROM llmcost.trust
WHERE day >= toDate($__fromTime, 'UTC') AND day <= toDate($__toTime, 'UTC')
    AND ${filters:environment,service}
