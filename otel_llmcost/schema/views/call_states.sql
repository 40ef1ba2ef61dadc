-- Grain: one row per bucket of {step:UInt32} seconds, environment, service, feature, team, provider, model, model asked for,
-- ending (error, abandoned, else the finish reason), emitter, and whether the cost is known and why not, of the calls that
-- started in [{since:DateTime64(3)}, {until:DateTime64(3)}): how they went, and how late they were told. Sketches are read
-- with quantilesDDMerge(0.005, 0.5, 0.95)(lag_sketch), which gives median and p95; no client reads them raw.
-- Source: with steps of a day (86400), whole days of llm_state_1d; state_groups for all else, the ends of the range and days
-- whose rollup is behind.
CREATE OR REPLACE VIEW llmcost.call_states ${on_cluster} AS
WITH
    (SELECT groupUniqArray(day) FROM llmcost.stale_state_days) AS behind,
    toDate32({since:DateTime64(3)}) + ({since:DateTime64(3)} > toStartOfDay({since:DateTime64(3)})) AS first_day
SELECT toDateTime(day, 'UTC') AS time, * EXCEPT (rebuilt_at)
FROM llmcost.llm_state_1d
WHERE calls > 0 AND {step:UInt32} = 86400
    AND day >= first_day AND day < toDate32({until:DateTime64(3)})
    AND day NOT IN behind
    AND (day, rebuilt_at) IN (SELECT day, max(rebuilt_at) FROM llmcost.llm_state_1d WHERE calls = 0 GROUP BY day)
UNION ALL
WITH
    (SELECT groupUniqArray(day) FROM llmcost.stale_state_days) AS behind,
    toDate32({since:DateTime64(3)}) + ({since:DateTime64(3)} > toStartOfDay({since:DateTime64(3)})) AS first_day
SELECT *
FROM llmcost.state_groups(since = {since:DateTime64(3)}, until = {until:DateTime64(3)}, step = {step:UInt32})
WHERE {step:UInt32} != 86400 OR day < first_day OR day >= toDate32({until:DateTime64(3)}) OR day IN behind
