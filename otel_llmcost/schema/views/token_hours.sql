-- Grain: one row per hour, environment, feature and model of the calls with tokens that started in
-- [{since:DateTime64(3)}, {until:DateTime64(3)}): how long they were, and which was the longest.
-- Source: whole days of llm_token_1h; token_groups for the ends of the range and for days whose rollup is behind.
CREATE OR REPLACE VIEW llmcost.token_hours ${on_cluster} AS
WITH
    (SELECT groupUniqArray(day) FROM llmcost.stale_token_days) AS behind,
    toDate32({since:DateTime64(3)}) + ({since:DateTime64(3)} > toStartOfDay({since:DateTime64(3)})) AS first_day
SELECT * EXCEPT (rebuilt_at)
FROM llmcost.llm_token_1h
WHERE calls > 0
    AND day >= first_day AND day < toDate32({until:DateTime64(3)})
    AND day NOT IN behind
    AND (day, rebuilt_at) IN (SELECT day, max(rebuilt_at) FROM llmcost.llm_token_1h WHERE calls = 0 GROUP BY day)
UNION ALL
WITH
    (SELECT groupUniqArray(day) FROM llmcost.stale_token_days) AS behind,
    toDate32({since:DateTime64(3)}) + ({since:DateTime64(3)} > toStartOfDay({since:DateTime64(3)})) AS first_day
SELECT * EXCEPT (longest)
FROM llmcost.token_groups(since = {since:DateTime64(3)}, until = {until:DateTime64(3)})
WHERE day < first_day OR day >= toDate32({until:DateTime64(3)}) OR day IN behind
