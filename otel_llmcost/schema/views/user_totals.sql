-- Grain: one row per day (or the part of it inside), user and environment
-- of the calls that started in [{since:DateTime64(3)}, {until:DateTime64(3)}).
-- Source: whole days of llm_user_total_1d; user_total_days for the ends of the range and for days whose rollup is behind.
CREATE OR REPLACE VIEW llmcost.user_totals ${on_cluster} AS
WITH
    (SELECT groupUniqArray(day) FROM llmcost.stale_user_total_days) AS behind,
    toDate32({since:DateTime64(3)}) + ({since:DateTime64(3)} > toStartOfDay({since:DateTime64(3)})) AS first_day
SELECT * EXCEPT (rebuilt_at)
FROM llmcost.llm_user_total_1d
WHERE calls > 0
    AND day >= first_day AND day < toDate32({until:DateTime64(3)})
    AND day NOT IN behind
    AND (day, rebuilt_at) IN
        (SELECT day, max(rebuilt_at) FROM llmcost.llm_user_total_1d WHERE calls = 0 GROUP BY day)
UNION ALL
WITH
    (SELECT groupUniqArray(day) FROM llmcost.stale_user_total_days) AS behind,
    toDate32({since:DateTime64(3)}) + ({since:DateTime64(3)} > toStartOfDay({since:DateTime64(3)})) AS first_day
SELECT *
FROM llmcost.user_total_days(since = {since:DateTime64(3)}, until = {until:DateTime64(3)})
WHERE day < first_day OR day >= toDate32({until:DateTime64(3)}) OR day IN behind
