-- Grain: one row per day from {since:DateTime64(3)} to {until:DateTime64(3)} that has to be made from its hours: the ends of
-- the range, and days that are not rolled up.
-- Source: lever_days_rolled.
CREATE OR REPLACE VIEW llmcost.lever_days_live ${on_cluster} AS
SELECT day
FROM
(
    SELECT toDate({since:DateTime64(3)}) + number AS day
    FROM numbers(toUInt64(greatest(dateDiff('day', {since:DateTime64(3)}, {until:DateTime64(3)}), 0) + 1))
)
WHERE day < toDate(toStartOfHour({since:DateTime64(3)}) + INTERVAL 86399 SECOND) OR day >= toDate({until:DateTime64(3)})
    OR day NOT IN (SELECT day FROM llmcost.lever_days_rolled)
