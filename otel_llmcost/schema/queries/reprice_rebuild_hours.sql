-- Rebuild every rollup hour of a repriced day: one row per group, one marker per hour.
INSERT INTO llmcost.llm_cost_1h
SELECT *, now64(3) AS rebuilt_at
FROM llmcost.hour_groups
WHERE hour >= toStartOfHour({since:DateTime64(3)}) AND hour < {until:DateTime64(3)}
