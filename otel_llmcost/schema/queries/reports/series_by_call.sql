-- Spend over time: one row per bucket of time x one of the seven most expensive values of a dimension;
-- all others share the empty name. Source: calls, for what
-- the rollup does not keep. Runs as it stands, by user.
WITH
    windowed AS
    (
        SELECT /* by */ user_id AS dimension_1 /* by */, toDateTime(c.ts) AS began, c.cost_usd AS cost
        FROM llmcost.calls AS c
        WHERE c.ts >= {since:DateTime64(3, 'UTC')}
            AND c.ts < {until:DateTime64(3, 'UTC')}
            AND ({environment:String} = '' OR c.environment = {environment:String})
            AND ({service:String} = '' OR c.service = {service:String})
            AND ({feature:String} = '' OR c.feature = {feature:String})
            AND ({model:String} = '' OR c.model = {model:String})
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
        {step:UInt32} = 86400, toStartOfDay(began, {timezone:String}),
        {step:UInt32} = 21600, toStartOfInterval(began, toIntervalHour(6), {timezone:String}),
        toDateTime(toUnixTimestamp({since:DateTime64(3)}) + intDiv(toUnixTimestamp(began) - toUnixTimestamp({since:DateTime64(3)}), {step:UInt32}) * {step:UInt32}, {timezone:String}))) AS bucket,
    if(dimension_1 IN (SELECT dimension_1 FROM top_values), dimension_1, '') AS name,
    sum(cost) AS cost_usd
FROM windowed
GROUP BY bucket, name
ORDER BY bucket, name
