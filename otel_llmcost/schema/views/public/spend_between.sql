-- Grain: as hourly_spend, of the calls that started in [{since:DateTime64(3)}, {until:DateTime64(3)}), but in quarters of an hour where
-- an hour is cut by an end of the range or by 0, 6, 12 or 18 o'clock in {timezone:String}. `hour` is the start of the hour or the
-- quarter, so toDate(hour, timezone) is the day of every row.
-- Source: hourly_spend; calls for the hours in quarters, of which there is none where range and days begin on the full hour.
CREATE OR REPLACE VIEW llmcost.spend_between ${on_cluster} AS
WITH (SELECT groupUniqArray(hour) FROM llmcost_internal.hours_in_quarters(
    since = {since:DateTime64(3)}, until = {until:DateTime64(3)}, timezone = {timezone:String})) AS in_quarters
SELECT *
FROM llmcost.hourly_spend
WHERE hour >= {since:DateTime64(3)} AND hour < {until:DateTime64(3)} AND hour NOT IN in_quarters
UNION ALL
WITH (SELECT groupUniqArray(hour) FROM llmcost_internal.hours_in_quarters(
    since = {since:DateTime64(3)}, until = {until:DateTime64(3)}, timezone = {timezone:String})) AS in_quarters
SELECT
    toStartOfFifteenMinutes(c.ts) AS quarter,
    c.environment AS environment,
    c.service AS service,
    c.feature AS feature,
    c.team AS team,
    c.provider AS provider,
    c.model AS model,
    c.operation AS operation,
    c.mode AS mode,
    c.call_site AS call_site,
    count() AS calls,
    sum(c.replies) AS replies,
    countIf(c.error_type != '') AS errors,
    countIf(c.cost_usd IS NOT NULL) AS priced_calls,
    countIf(c.cost_usd IS NULL) AS unpriced_calls,
    sum(c.input_tokens) AS input_tokens,
    sum(c.uncached_input_tokens) AS uncached_input_tokens,
    sum(c.cache_read_tokens) AS cache_read_tokens,
    sum(c.cache_write_tokens) AS cache_write_tokens,
    sum(c.output_tokens) AS output_tokens,
    sum(c.reasoning_tokens) AS reasoning_tokens,
    sum(c.cost_usd) AS cost_usd,
    sum(c.cost_input_usd) AS cost_input_usd,
    sum(c.cost_cache_read_usd) AS cost_cache_read_usd,
    sum(c.cost_cache_write_usd) AS cost_cache_write_usd,
    sum(c.cost_output_usd) AS cost_output_usd,
    sum(c.cost_tools_usd) AS cost_tools_usd,
    sum(c.contracted_cost_usd) AS contracted_cost_usd,
    sum(c.duration_ms) AS duration_ms_sum,
    max(c.cost_usd) AS max_call_cost_usd
FROM llmcost.calls AS c
WHERE toStartOfHour(c.ts) IN in_quarters AND c.ts >= {since:DateTime64(3)} AND c.ts < {until:DateTime64(3)}
GROUP BY quarter, environment, service, feature, team, provider, model, operation, mode, call_site
