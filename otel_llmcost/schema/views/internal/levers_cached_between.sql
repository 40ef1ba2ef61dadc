-- Grain: one row per environment, feature, provider, model and lever of prompt caching, from {since:DateTime64(3)} to
-- {until:DateTime64(3)}, in whole hours. Reads and writes that would have happened, by when each call came, at the prices
-- of its day, net of what writing costs more; only prefixes for which the lever pays:
--   prompt_cache, prompt_cache_long  a shared prefix that was not cached, kept for the usual or the long time. Its length:
--                     the shortest prompt that begins with it; at least: what some calls with it did cache
--   cache_ttl         what is cached and came again, kept for the other time
--   unread_writes     what was written and never read is not cached (OpenAI writes without a request: not there)
--   stable_prefix     prefixes that were written once each, three or more a day, begin alike again (as long as the shortest)
-- Source: cache_reuse_between, price_models, rate_dict. Only calls with a prefix fingerprint, but for unread_writes.
CREATE OR REPLACE VIEW llmcost_internal.levers_cached_between ${on_cluster} AS
WITH
    turns AS
    (
        SELECT
            t.*, m.billing_provider AS billing_provider, m.price_model AS price_model, m.claude AS claude,
            t.prefix_written_long > 0 AS is_long,
            ${short_life(m.claude)} AS short_life,
            ${long_life(m.claude)} AS long_life,
            multiIf(
                t.cache = 'off', if(t.prefix != '' AND t.prefix_prompt_min >= m.cache_minimum, 'off', ''),
                t.prefix != '' AND t.cache = 'write' AND t.prefix_calls = 1, 'once',
                t.prefix_read = 0 AND m.claude, 'unread',
                t.prefix != '' AND (t.prefix_written_short > 0 OR is_long), 'on',
                '') AS state,
            t.cache_write_short + t.cache_write_long AS written,
            t.prefix_written_short > 0 AND is_long AS has_two_lifetimes
        FROM llmcost.cache_reuse_between(since = {since:DateTime64(3)}, until = {until:DateTime64(3)}) AS t
        INNER JOIN llmcost_internal.price_models AS m ON t.provider = m.provider AND t.model = m.model
        WHERE t.paid AND state != ''
    ),
    replayed AS
    (
        SELECT *,
            -- With the other life: what was read is written where the pause is too long now, and the other way round.
            multiIf(
                gap > if(is_long, short_life, long_life), 0,
                cache = 'read', cache_read,
                gap <= if(is_long, long_life, short_life), 0,
                is_first, least(written, toInt64(calls) * ifNull(prefix_cached_min, 0)),
                cached_again) AS other_read
        FROM turns
    ),
    by_day AS
    (
        SELECT
            day, environment, feature, provider, model, billing_provider, price_model, claude, mode, geo AS place, prompt_class, is_long, state,
            -- Prefixes that came once are too many to be distinguished; each of them pays.
            if(state = 'once', '', prefix) AS shared_prefix,
            toInt64(sum(calls)) AS n, sum(cost_usd) AS paid_usd,
            max(prefix_prompt_min) AS shared, max(ifNull(prefix_cached_min, 0)) AS shared_at_least,
            toInt64(sumIf(calls, gap <= short_life)) AS n_short, toInt64(sumIf(calls, gap <= long_life)) AS n_long,
            sum(cache_read) AS all_read, sum(cache_write_short) AS all_short, sum(cache_write_long) AS all_long, sum(other_read) AS all_other,
            max(has_two_lifetimes) AS is_mixed,
            arraySort(groupArrayIf(toUnixTimestamp64Milli(first_ts), state = 'once')) AS onces,
            min(cached_min) * arrayCount(pause -> pause <= if(is_long, max(long_life), max(short_life)) * 1000, arrayPopFront(arrayDifference(onces))) AS once_read
        FROM replayed
        GROUP BY day, environment, feature, provider, model, billing_provider, price_model, claude, mode, place, prompt_class, is_long, state, shared_prefix
    ),
    by_lever AS
    (
        SELECT *, pulled.1 AS lever, pulled.2 AS fewer, pulled.3 AS fewer_at_least
        FROM by_day
        -- Lever, then tokens fewer of input, cache_read, cache_write short and long: expected, and at least.
        ARRAY JOIN arrayFilter(l -> l.1 != '', [
            (if(state = 'off', 'prompt_cache', ''),
                [n * shared, -n_short * shared, (n_short - n) * shared, 0],
                [n * shared_at_least, -n_short * shared_at_least, (n_short - n) * shared_at_least, 0]),
            (if(state = 'off', 'prompt_cache_long', ''),
                [n * shared, -n_long * shared, 0, (n_long - n) * shared],
                [n * shared_at_least, -n_long * shared_at_least, 0, (n_long - n) * shared_at_least]),
            (if(state IN ('on', 'unread') AND shared_prefix != '' AND NOT is_mixed, 'cache_ttl', ''),
                [0, all_read - all_other, if(is_long, all_other - all_read - all_long, all_short), if(is_long, all_long, all_other - all_read - all_short)],
                [0, all_read - all_other, if(is_long, all_other - all_read - all_long, all_short), if(is_long, all_long, all_other - all_read - all_short)]),
            (if(state IN ('unread', 'once') AND claude, 'unread_writes', ''),
                [-all_short - all_long, 0, all_short, all_long], [-all_short - all_long, 0, all_short, all_long]),
            (if(state = 'once' AND length(onces) >= 3, 'stable_prefix', ''),
                [0, -once_read, if(is_long, 0, once_read), if(is_long, once_read, 0)], [0, 0, 0, 0])]) AS pulled
    ),
    dated AS
    (
        SELECT *, toDateTime(day, 'UTC') AS at, ifNull(toDecimal64OrNull(toString(place), 6), toDecimal64(1, 6)) AS factor,
            toUInt32(ifNull(dictGetOrNull('llmcost.rate_dict', 'product_usd', ('current', billing_provider, price_model, '', '', 'long_context_threshold'), at), 4000000000)) AS threshold,
            if(prompt_class > arrayCount(l -> l < threshold, ${prompt_steps}), 'long', 'short') AS context
        FROM by_lever
    ),
    priced AS
    (
        SELECT *,
            arrayMap(bucket -> dictGetOrNull('llmcost.rate_dict', 'product_usd', ('current', billing_provider, price_model, mode, context, bucket), at),
                ['input', 'cache_read', ${short_write(claude)}, ${long_write(claude)}]) AS prices
        FROM dated
    ),
    by_prefix AS
    (
        SELECT
            environment, feature, provider, model, lever, claude, is_long, sum(n) AS calls, sum(paid_usd) AS prefix_usd,
            sum(arraySum((tokens, price) -> toDecimal256(tokens, 0) * toDecimal256(ifNull(price, 0), 24) * factor, fewer, prices)) AS expected_usd,
            sum(arraySum((tokens, price) -> toDecimal256(tokens, 0) * toDecimal256(ifNull(price, 0), 24) * factor, fewer_at_least, prices)) AS at_least_usd
        FROM priced
        GROUP BY environment, feature, provider, model, lever, claude, is_long, shared_prefix
        -- What has no price is unknown.
        HAVING countIf(arrayExists((tokens, price) -> tokens != 0 AND price IS NULL, fewer, prices)) = 0 AND expected_usd > 0
    ),
    totals AS
    (
        SELECT
            environment, feature, provider, model, lever, any(claude) AS is_claude, any(is_long) AS was_long, toUInt64(sum(p.calls)) AS calls,
            toDecimal128(sum(prefix_usd), 12) AS cost_usd,
            toDecimal128(roundBankers(sum(expected_usd), 12), 12) AS saving_usd,
            toDecimal128(roundBankers(sum(greatest(at_least_usd, toDecimal256(0, 30))), 12), 12) AS saving_low_usd
        FROM by_prefix AS p
        GROUP BY environment, feature, provider, model, lever
    )
SELECT
    environment, feature, provider, model, lever, calls, cost_usd, cost_usd - saving_usd AS cost_after_usd, saving_low_usd,
    multiIf(lever IN ('cache_ttl', 'unread_writes'), 'exact', lever = 'stable_prefix', 'assumption', 'high') AS confidence,
    multiIf(
        lever = 'prompt_cache', if(is_claude, 'cache_control, ttl 5m', 'one prompt_cache_key, kept 30m'),
        lever = 'prompt_cache_long', if(is_claude, 'cache_control, ttl 1h', 'prompt_cache_options, ttl 12h'),
        lever = 'cache_ttl', multiIf(was_long, if(is_claude, 'ttl 5m', 'ttl 30m'), is_claude, 'ttl 1h', 'ttl 12h'),
        lever = 'unread_writes', 'no cache_control',
        'the same text first') AS change
FROM totals
