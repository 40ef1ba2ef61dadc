-- Grain: one row per environment, feature, provider, model and lever that sells the same tokens under other terms: batch,
-- flex, standard_tier, global_endpoint, cheaper_model; or for nothing: failed_calls (replies that ended in an error and
-- were billed all the same) and abandoned_streams, whose calls no other lever counts. The calls of the hours from
-- {since:DateTime64(3)} to {until:DateTime64(3)}, replayed through the current price book on the day they were made.
-- {candidate:String} replaces the next tier of model_facts; {share:Float64} of all answered calls goes to it, or (0) the
-- calls with a short answer do. What no one waits for: declared, or inferred (see `waiting` of lever_groups and quiet hours).
-- Source: term_days, price_models, rate_dict, hourly_spend.
CREATE OR REPLACE VIEW llmcost_internal.levers_replayed_between ${on_cluster} AS
WITH
    -- Hours of the day in which an environment makes less than a quarter of its usual calls; a few days must show it.
    by_hour_of_day AS
    (
        SELECT environment, toHour(hour) AS hour_of_day, sum(calls) AS calls_then, uniqExact(toDate(hour)) AS days_then
        FROM llmcost.hourly_spend__rows
        WHERE hour >= toStartOfHour({since:DateTime64(3)}) AND hour < {until:DateTime64(3)} AND is_marker = 0
            AND (hour, built_at) IN (SELECT bucket, max(built_at) FROM llmcost.rollup_builds WHERE rollup = 'hourly_spend' GROUP BY bucket)
        GROUP BY environment, hour_of_day
    ),
    quiet AS
    (
        SELECT environment, hour_of_day
        FROM
        (
            SELECT environment, hour_of_day, calls_then,
                sum(calls_then) OVER (PARTITION BY environment) AS calls_all, max(days_then) OVER (PARTITION BY environment) AS days
            FROM by_hour_of_day
        )
        WHERE calls_then * 24 * 4 < calls_all AND days >= 3
    ),
    used AS
    (
        SELECT
            day, environment, feature, provider, model, mode, geo, prompt_class, short_answer, wasted,
            if(waiting = 'unstreamed' AND (environment, hour_of_day) IN (SELECT environment, hour_of_day FROM quiet), 'tolerant', waiting) AS waits,
            sum(calls) AS all_calls, sum(cost_usd) AS paid_usd,
            sum(input) AS all_input, sum(cache_read) AS all_read, sum(cache_write_short) AS all_short, sum(cache_write_long) AS all_long,
            sum(output) AS all_output, sumMap(others) AS all_others
        FROM llmcost_internal.term_days(since = {since:DateTime64(3)}, until = {until:DateTime64(3)})
        WHERE is_free = 0
        GROUP BY day, environment, feature, provider, model, mode, geo, prompt_class, short_answer, wasted, waits
    ),
    named AS
    (
        SELECT
            u.*, toDateTime(u.day, 'UTC') AS at, ifNull(toDecimal64OrNull(toString(u.geo), 6), toDecimal64(1, 6)) AS factor,
            m.billing_provider AS billing_provider, m.price_model AS price_model, if({candidate:String} != '', {candidate:String}, m.next_tier) AS candidate,
            u.waits IN ('declared', 'unattended', 'tolerant') AND u.wasted = '' AS can_wait
        FROM used AS u
        INNER JOIN llmcost_internal.price_models AS m ON u.provider = m.provider AND u.model = m.model
    ),
    options AS
    (
        SELECT *, option.1 AS lever, option.2 AS other_provider, option.3 AS other_model, option.4 AS other_mode, option.5 AS other_factor
        FROM named
        ARRAY JOIN arrayFilter(o -> o.1 != '', [
            (if(can_wait AND mode = 'standard', 'batch', ''), billing_provider, price_model, 'batch', factor),
            (if(can_wait AND mode = 'standard', 'flex', ''), billing_provider, price_model, 'flex', factor),
            (if(mode IN ('fast', 'ultrafast') AND waits != 'waited' AND wasted = '', 'standard_tier', ''), billing_provider, price_model, 'standard', factor),
            (if(factor > 1 AND wasted = '', 'global_endpoint', ''), billing_provider, price_model, toString(mode), toDecimal64(1, 6)),
            -- A candidate of another maker is bought from that maker.
            (if(candidate NOT IN ('', price_model) AND ({share:Float64} > 0 OR short_answer) AND wasted = '', 'cheaper_model', ''),
                arrayFirst(p -> dictHas('llmcost.rate_dict', ('current', p, candidate, '', '', 'model'), at), [billing_provider, ${first_parties}]),
                candidate, toString(mode), factor),
            (multiIf(wasted = 'failed', 'failed_calls', wasted = 'abandoned', 'abandoned_streams', ''), '', '', '', factor)]) AS option
    ),
    bought AS
    (
        SELECT *,
            -- Both makers cache; each names the lifetimes of what is written in its own way.
            ${is_claude(other_model)} AS claude,
            toUInt32(ifNull(dictGetOrNull('llmcost.rate_dict', 'product_usd', ('current', other_provider, other_model, '', '', 'long_context_threshold'), at), 4000000000)) AS threshold,
            if(prompt_class > arrayCount(l -> l < threshold, ${prompt_steps}), 'long', 'short') AS context
        FROM options
    ),
    replayed AS
    (
        SELECT environment, feature, provider, model, lever, other_model, waits, all_calls, paid_usd,
            arrayMap(p -> (p.2, dictGet('llmcost.rate_dict', ('known', 'product_usd', 'divisor', 'in_geography'),
                    ('current', other_provider, other_model, other_mode, context, p.1), at)),
                arrayFilter(p -> p.2 > 0 AND wasted = '', arrayConcat([
                    ('input', all_input), ('cache_read', all_read), (${short_write(claude)}, all_short),
                    (${long_write(claude)}, all_long), ('output', all_output)],
                    CAST(all_others, 'Array(Tuple(String, Decimal(38, 6)))')))) AS lines,
            other_factor, wasted != '' AS is_free
        FROM bought
    ),
    priced AS
    (
        SELECT environment, feature, provider, model, lever, other_model, waits, all_calls, paid_usd,
            toDecimal128(roundBankers(arraySum(l ->
                toDecimal256(l.1, 6) * (toDecimal256(l.2.2, 24) * if(l.2.4 = 1, other_factor, toDecimal64(1, 6))) / l.2.3, lines), 12), 12) AS after_usd
        FROM replayed
        WHERE is_free OR notEmpty(lines) AND NOT arrayExists(l -> l.2.1 = 0, lines)
    ),
    totals AS
    (
        SELECT environment, feature, provider, model, lever,
            if(lever = 'cheaper_model' AND {share:Float64} > 0, {share:Decimal(9, 6)}, toDecimal64(1, 6)) AS part,
            toUInt64(round(sum(all_calls) * toFloat64(part))) AS calls,
            toDecimal128(roundBankers(toDecimal256(sum(paid_usd), 12) * part, 12), 12) AS cost_usd,
            toDecimal128(roundBankers(toDecimal256(sum(after_usd), 12) * part, 12), 12) AS cost_after_usd,
            sumIf(paid_usd - after_usd, waits IN ('declared', 'unattended')) AS unattended_usd,
            sumIf(paid_usd - after_usd, waits = 'tolerant') AS tolerant_usd,
            countIf(waits != 'declared') = 0 AS is_declared,
            any(other_model) AS change_to
        FROM priced
        GROUP BY environment, feature, provider, model, lever
    )
SELECT
    environment, feature, provider, model, lever, calls, cost_usd, cost_after_usd,
    multiIf(
        lever IN ('batch', 'flex'), unattended_usd,
        lever = 'standard_tier', unattended_usd + tolerant_usd,
        lever = 'global_endpoint' OR lever = 'cheaper_model' AND {share:Float64} > 0, cost_usd - cost_after_usd,
        toDecimal128(0, 12)) AS saving_low_usd,
    multiIf(
        lever IN ('batch', 'flex', 'standard_tier'), if(is_declared, 'declared', 'inferred'),
        lever = 'global_endpoint', 'exact',
        'assumption') AS confidence,
    transform(lever,
        ['batch', 'flex', 'standard_tier', 'global_endpoint', 'failed_calls', 'abandoned_streams'],
        ['Batch API', 'service_tier flex', 'service tier standard', 'global endpoint', 'no such calls', 'no such streams'],
        concat('model ', change_to)) AS change
FROM totals
