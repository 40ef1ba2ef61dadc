-- Grain: one row per environment, feature, provider and model whose answered calls repeat what was requested within a day
-- before: duplicate_requests, from {since:DateTime64(3)} to {until:DateTime64(3)}. The first call of each kind is kept; a
-- response cache would have answered the others. At least: those repeated within an hour.
-- Source: repeat_days.
CREATE OR REPLACE VIEW llmcost_internal.levers_repeated_between ${on_cluster} AS
SELECT
    environment, feature, provider, model,
    'duplicate_requests' AS lever,
    sum(a.calls) AS calls, toDecimal128(sum(a.cost_usd), 12) AS cost_usd, toDecimal128(0, 12) AS cost_after_usd,
    toDecimal128(sum(a.within_hour_usd), 12) AS saving_low_usd,
    'high' AS confidence,
    'cache answers for 24 h' AS change
FROM llmcost_internal.repeat_days(since = {since:DateTime64(3)}, until = {until:DateTime64(3)}) AS a
-- What was requested before the range is none of it.
WHERE a.repeated_hour >= toStartOfHour({since:DateTime64(3)})
GROUP BY environment, feature, provider, model
