-- One row: requests or groups of records that were refused. NULL when nothing arrived at all.
SELECT if(count() = 0, NULL, toNullable(sum(rejected))) AS refused
FROM llmcost.trust
WHERE day >= toDate($__fromTime, 'UTC') AND day <= toDate($__toTime, 'UTC')
