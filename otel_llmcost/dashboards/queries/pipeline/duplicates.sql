-- One row: share of records that reported again what was counted already. NULL without records.
SELECT sum(duplicate_records) / nullIf(sum(records), 0) AS duplicate_share
FROM llmcost.trust
WHERE day >= toDate($__fromTime, 'UTC') AND day <= toDate($__toTime, 'UTC')
    AND ${filters:environment,service}
