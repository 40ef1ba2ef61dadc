-- What query explore is over where the hourly rollup keeps it: one row per row of spend_between, with its bucket and its names.
-- Source: spend_between. Runs as it stands, as explore does.
SELECT
    s.*,
    arrayLast(start -> start <= toUnixTimestamp(s.hour), {starts:Array(UInt32)}) AS bucket,
    /* by */ toString(s.feature) AS dimension_1, '' AS dimension_2 /* by */
FROM llmcost.spend_between(
    since = {since:DateTime64(3)}, until = {until:DateTime64(3)}, timezone = {timezone:String}) AS s
WHERE /* only */ 1 /* only */
