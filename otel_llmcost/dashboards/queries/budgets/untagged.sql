-- One row per day: share of calls whose feature is not their own tag.
SELECT toDateTime(day, 'UTC') AS time, 'untagged' AS series, 1 - sum(tagged_share * calls) / nullIf(sum(calls), 0) AS untagged_share
FROM llmcost.trust
WHERE day >= toDate($__fromTime, 'UTC') AND day <= toDate($__toTime, 'UTC')
    AND ${filters:environment,service}
GROUP BY time
HAVING untagged_share IS NOT NULL
ORDER BY time
