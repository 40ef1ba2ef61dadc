-- Calls before and after a moment, for what a lever is about ({counted:String}): `cost` counts what calls cost, `failed`,
-- `abandoned` and `repeated` only what calls of that kind do, and then `kept` leaves those out. One row per period with
-- calls. Only priced calls. Source: calls.
SELECT
    is_after,
    count() AS calls,
    countIf(NOT is_waste) AS kept,
    sum(cost_usd) AS spent_usd,
    sumIf(cost_usd, is_counted) AS counted_usd,
    if(count() > 1, varSamp(if(is_counted, toFloat64(cost_usd), 0)), NULL) AS variance
FROM
(
    SELECT
        ts >= {decided:DateTime64(3, 'UTC')} AS is_after,
        assumeNotNull(c.cost_usd) AS cost_usd,
        multiIf(
            {counted:String} = 'failed', error_type != '' AND stream_outcome != 'abandoned',
            {counted:String} = 'abandoned', stream_outcome = 'abandoned',
            {counted:String} = 'repeated', request_fingerprint != '' AND ts <= previous + INTERVAL 1 DAY,
            0) AS is_waste,
        {counted:String} = 'cost' OR is_waste AS is_counted
    FROM
    (
        SELECT
            ts, cost_usd, error_type, stream_outcome, request_fingerprint,
            -- Of the first it is 1970.
            lagInFrame(ts) OVER alike AS previous
        FROM llmcost.calls
        WHERE ts >= {since:DateTime64(3, 'UTC')} AND ts < {until:DateTime64(3, 'UTC')}
            AND environment = {environment:String} AND feature = {feature:String}
            AND provider = {provider:String} AND model = {model:String}
            AND cost_usd IS NOT NULL
        WINDOW alike AS (PARTITION BY request_fingerprint ORDER BY ts ROWS BETWEEN 1 PRECEDING AND CURRENT ROW)
    ) AS c
)
GROUP BY is_after
ORDER BY is_after
