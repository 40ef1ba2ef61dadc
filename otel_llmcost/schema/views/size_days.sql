-- Grain: one row per day and every other dimension of size_hours, from {since:DateTime64(3)} to {until:DateTime64(3)}.
-- Source: size_hours.
CREATE OR REPLACE VIEW llmcost.size_days ${on_cluster} AS
SELECT
    toDate(hour) AS day, environment, feature, provider, model, mode, geo, prompt_class, side, bound,
    sum(s.calls) AS calls, sum(s.cost_usd) AS cost_usd, sum(s.tokens) AS tokens, sum(s.cached_tokens) AS cached_tokens
FROM llmcost.size_hours AS s
WHERE hour >= toStartOfHour({since:DateTime64(3)}) AND hour < {until:DateTime64(3)}
GROUP BY day, environment, feature, provider, model, mode, geo, prompt_class, side, bound
