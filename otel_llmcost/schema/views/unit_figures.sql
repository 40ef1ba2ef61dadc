-- Grain: one row per day (or the part of it inside), unit, environment, service, feature and team, and one per day, unit and
-- environment (`whole` = 1: a unit's part in every service, feature and team together) of the calls that started in
-- [{since:DateTime64(3)}, {until:DateTime64(3)}). Filter by `whole`, and never add up different units. Sketches are read
-- with quantilesDDMerge(0.005, 0.5, 0.95)(cost_sketch), which gives median and p95; no client reads them raw.
-- Source: whole days of llm_unit_1d; unit_days for the ends of the range and for days whose rollup is behind.
CREATE OR REPLACE VIEW llmcost.unit_figures ${on_cluster} AS
WITH
    (SELECT groupUniqArray(day) FROM llmcost.stale_unit_days) AS behind,
    toDate32({since:DateTime64(3)}) + ({since:DateTime64(3)} > toStartOfDay({since:DateTime64(3)})) AS first_day
SELECT * EXCEPT (rebuilt_at)
FROM llmcost.llm_unit_1d
WHERE units > 0
    AND day >= first_day AND day < toDate32({until:DateTime64(3)})
    AND day NOT IN behind
    AND (day, rebuilt_at) IN (SELECT day, max(rebuilt_at) FROM llmcost.llm_unit_1d WHERE unit = '' GROUP BY day)
UNION ALL
WITH
    (SELECT groupUniqArray(day) FROM llmcost.stale_unit_days) AS behind,
    toDate32({since:DateTime64(3)}) + ({since:DateTime64(3)} > toStartOfDay({since:DateTime64(3)})) AS first_day
SELECT *
FROM llmcost.unit_days(since = {since:DateTime64(3)}, until = {until:DateTime64(3)})
WHERE day < first_day OR day >= toDate32({until:DateTime64(3)}) OR day IN behind
