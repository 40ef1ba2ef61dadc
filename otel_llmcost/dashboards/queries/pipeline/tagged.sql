-- One row: share of calls whose feature is their own tag. Whole UTC days. NULL without calls.
SELECT sum(tagged_share * calls) / nullIf(sum(calls), 0) AS share
FROM llmcost.trust
WHERE day >= toDate($__fromTime, 'UTC') AND day <= toDate($__toTime, 'UTC')
    AND ${filters:environment,service}
