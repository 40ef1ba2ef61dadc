-- What the calls of a window cost, and would cost on rented capacity, hour by hour: one row per number of instances
-- (0 = as now, 1000000 = as many as each hour needs). An hour's load is the instances that its tokens keep busy; what is
-- beyond the instances stays with the provider, at its share of the hour's cost. Hours without calls cost rent too.
-- Source: hourly_spend. Figures are estimates, hence floats.
WITH
    hours AS
    (
        SELECT
            s.hour AS hour,
            (sum(s.output_tokens) / {output_per_second:Float64}
                + if({input_per_second:Float64} > 0, sum(s.uncached_input_tokens) / {input_per_second:Float64}, 0)) / 3600 AS load,
            toFloat64(ifNull(sum(s.cost_usd), 0)) AS usd,
            sum(s.calls) AS calls,
            sum(s.unpriced_calls) AS unpriced_calls
        FROM llmcost.hourly_spend AS s
        WHERE s.hour >= {since:DateTime64(3)} AND s.hour < {until:DateTime64(3)}
            AND ({environment:String} = '' OR s.environment = {environment:String})
            AND ({service:String} = '' OR s.service = {service:String})
            AND ({feature:String} = '' OR s.feature = {feature:String})
            AND ({model:String} = '' OR s.model = {model:String})
        GROUP BY hour
    ),
    -- From the first call on: before it all is unknown.
    (SELECT toFloat64(greatest(1, dateDiff('hour', min(hour), toStartOfHour(toDateTime({end:DateTime64(3)}, 'UTC'))))) FROM hours) AS all_hours,
    (SELECT toUInt32(least(ceil(max(load)), 1000)) FROM hours) AS peak
SELECT
    toUInt32(instances) AS number,
    any(all_hours) AS hours,
    sum(h.calls) AS calls,
    sum(h.unpriced_calls) AS unpriced_calls,
    sum(h.usd) AS api_usd,
    sum(h.load) AS busy_hours,
    max(h.load) AS peak_load,
    multiIf(
        instances = 0, api_usd,
        instances = 1000000, sum(least(h.usd, ceil(h.load) * {usd_per_hour:Float64})),
        instances * {usd_per_hour:Float64} * hours + sum(h.usd * greatest(h.load - instances, 0) / nullIf(h.load, 0))) AS usd,
    multiIf(
        instances = 0, NULL,
        instances = 1000000, sumIf(h.load, on) / nullIf(sumIf(ceil(h.load), on), 0),
        sum(least(h.load, instances)) / (instances * hours)) AS utilisation,
    multiIf(instances = 0, NULL, instances = 1000000, 0, hours - countIf(h.load > 0)) AS idle_hours,
    if(instances IN (0, 1000000), NULL, countIf(h.load > instances)) AS overflow_hours,
    if(instances IN (0, 1000000), NULL, sum(greatest(h.load - instances, 0)) / nullIf(busy_hours, 0)) AS overflow_share
FROM
(
    SELECT *, ceil(load) * {usd_per_hour:Float64} < usd AS on
    FROM hours
    CROSS JOIN (SELECT toFloat64(arrayJoin(arrayConcat(range(0, ifNull(peak, 0) + 1), [1000000]))) AS instances) AS options
) AS h
GROUP BY instances
ORDER BY instances
