-- Grain: one row per hour that [{since:DateTime64(3)}, {until:DateTime64(3)}) begins or ends in, or in which it becomes 0, 6, 12 or
-- 18 o'clock in {timezone:String}, but not at its beginning. Offsets from UTC are multiples of a quarter of an hour.
-- Source: the parameters.
CREATE OR REPLACE VIEW llmcost_internal.hours_in_quarters ${on_cluster} AS
WITH
    least({until:DateTime64(3)}, now() + INTERVAL 366 DAY) AS last, -- without an end: as far as clocks run ahead
    toDate({since:DateTime64(3)}, {timezone:String}) AS first_day,
    arrayMap(n -> toString(first_day + n), range(toUInt32(greatest(1, dateDiff('day', {since:DateTime64(3)}, last) + 2)))) AS days,
    arrayFlatten(arrayMap(
        day -> arrayMap(clock -> toUnixTimestamp(toDateTime(concat(day, clock), {timezone:String})), [' 00:00:00', ' 06:00:00', ' 12:00:00', ' 18:00:00']),
        days)) AS quarters_of_days
SELECT DISTINCT toDateTime(edge - edge % 3600, 'UTC') AS hour
FROM (SELECT arrayJoin(arrayConcat([toUnixTimestamp({since:DateTime64(3)}), toUnixTimestamp(last)], quarters_of_days)) AS edge)
WHERE edge % 3600 != 0
