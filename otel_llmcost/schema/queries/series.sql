-- Spend over time: one row per bucket of time x one of the seven dearest values of a dimension;
-- all others share the empty name. Source: spend_1h. Runs as it stands, by feature.
WITH
    windowed AS
    (
        SELECT /* by */ feature AS dimension_1 /* by */, s.hour AS hour, s.cost_usd AS cost
        FROM llmcost.spend_1h AS s
        WHERE s.hour >= {since:DateTime64(3, 'UTC')}
            AND s.hour < {until:DateTime64(3, 'UTC')}
            AND ({environment:String} = '' OR s.environment = {environment:String})
            AND ({service:String} = '' OR s.service = {service:String})
            AND ({feature:String} = '' OR s.feature = {feature:String})
            AND ({model:String} = '' OR s.model = {model:String})
    ),
    dearest AS
    (
        SELECT dimension_1
        FROM windowed
        GROUP BY dimension_1
        ORDER BY sum(cost) DESC NULLS LAST, dimension_1
        LIMIT 7
    )
SELECT
    toUnixTimestamp(toStartOfInterval(hour, toIntervalSecond({step:UInt32}), 'UTC')) AS bucket,
    if(dimension_1 IN (SELECT dimension_1 FROM dearest), dimension_1, '') AS name,
    sum(cost) AS cost_usd
FROM windowed
GROUP BY bucket, name
ORDER BY bucket, name
