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
    ${columns_of_hourly_spend}
FROM llmcost.calls AS c
WHERE toStartOfHour(c.ts) IN in_quarters AND c.ts >= {since:DateTime64(3)} AND c.ts < {until:DateTime64(3)}
GROUP BY quarter, environment, service, feature, team, provider, model, operation, mode, call_site
