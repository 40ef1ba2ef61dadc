-- One row: records that arrived per minute of the range. NULL when none did.
SELECT nullIf(sum(calls), 0) / greatest(($__toTime - $__fromTime) / 60, 1) AS per_minute
FROM llmcost.hourly_spend
WHERE ${hours}
    AND ${filters}
