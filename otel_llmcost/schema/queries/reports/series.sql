-- Spend over time: one row per bucket of time x one of the seven most expensive values of a dimension;
-- all others share the empty name. Source: spend_between. Runs as it stands, by feature.
WITH
    windowed AS
    (
        SELECT /* by */ feature AS dimension_1 /* by */, s.hour AS hour, s.cost_usd AS cost
        FROM llmcost.spend_between(
            since = {since:DateTime64(3)}, until = {until:DateTime64(3)}, timezone = {timezone:String}) AS s
        WHERE ({environment:String} = '' OR s.environment = {environment:String})
            AND ({service:String} = '' OR s.service = {service:String})
            AND ({feature:String} = '' OR s.feature = {feature:String})
            AND ({model:String} = '' OR s.model = {model:String})
    ),
    top_values AS
    (
        SELECT dimension_1
        FROM windowed
        GROUP BY dimension_1
        ORDER BY sum(cost) DESC NULLS LAST, dimension_1
        LIMIT 7
    )
SELECT
    toUnixTimestamp(multiIf(
        {step:UInt32} = 86400, toStartOfDay(hour, {timezone:String}),
        {step:UInt32} = 21600, toStartOfInterval(hour, toIntervalHour(6), {timezone:String}),
        toDateTime(toUnixTimestamp({since:DateTime64(3)}) + intDiv(toUnixTimestamp(hour) - toUnixTimestamp({since:DateTime64(3)}), {step:UInt32}) * {step:UInt32}, {timezone:String}))) AS bucket,
    if(dimension_1 IN (SELECT dimension_1 FROM top_values), dimension_1, '') AS name,
    sum(cost) AS cost_usd
FROM windowed
GROUP BY bucket, name
ORDER BY bucket, name
