-- Grain: one row per record, charge (`item`) and bucket: a line of its bill under the price book {book:String}
-- ('current', or the version of a candidate in `rates`). Rounded as in Python: once a line, half-even, 12 decimals.
-- Source: llm_calls, rate_dict. amount_usd is NULL, with a reason, where no exact price is known.
-- A step is a subquery: the engine repeats the text of an alias wherever it is used, and would plan for 0.2 s.
CREATE OR REPLACE VIEW llmcost_internal.lines_by_book ${on_cluster} AS
WITH
    records AS
    (
        SELECT
            c.ts AS ts, c.record_id AS record_id, c.replies AS replies,
            toString(c.model) AS record_model, toString(c.mode) AS record_mode,
            -- A session sums many requests: the size of a prompt is not known.
            c.operation = 'invoke_agent' AS sums_replies,
            toString(c.price_context) AS price_context, toString(c.price_geo) AS record_geo,
            -- Names of before gen_ai.provider.name was agreed on.
            transform(lower(toString(c.provider)),
                ${provider_names}
                lower(toString(c.provider))) AS billing_provider,
            c.source = 'otel_llmcost' AS is_own,
            ${is_claude(c.model)} AS claude,
            CAST(c.other_usage, 'Map(String, Decimal(18, 6))') AS metered_,
            c.uncached_input_tokens AS uncached_input_tokens, c.cache_read_tokens AS cache_read_tokens,
            c.cache_write_tokens AS cache_write_tokens, c.cache_write_long_tokens AS cache_write_long_tokens, c.output_tokens AS output_tokens,
            JSONExtract(c.usage_items, 'Array(Tuple(model String, provider String, mode String, declined String, buckets Map(String, String), geo String))') AS items
        FROM llmcost.llm_calls AS c FINAL
    ),
    counted AS
    (
        SELECT *,
            -- Another emitter's token counts, in our buckets; a cache write without TTL is of the usual one.
            if(is_own OR notEmpty(metered_), metered_, mapFilter((bucket_, quantity_) -> quantity_ > 0, map(
                'input', toDecimal64(least(uncached_input_tokens, 1000000000000), 6),
                'cache_read', toDecimal64(least(cache_read_tokens, 1000000000000), 6),
                ${short_write(claude)},
                    toDecimal64(least(cache_write_tokens - least(cache_write_long_tokens, cache_write_tokens), 1000000000000), 6),
                ${long_write(claude)}, toDecimal64(least(cache_write_long_tokens, 1000000000000), 6),
                'output', toDecimal64(least(output_tokens, 1000000000000), 6)))) AS own_buckets
        FROM records
    ),
    numbered AS
    (
        SELECT
            ts, record_id, replies, sums_replies, price_context,
            if(empty(items),
                [(record_model, billing_provider, record_mode, '', own_buckets, record_geo)],
                arrayMap(charge -> (
                    charge.1,
                    if(charge.2 = '', billing_provider, charge.2),
                    if(charge.3 = '', record_mode, charge.3),
                    charge.4,
                    mapApply((bucket_, quantity_) -> (bucket_, toDecimal64OrZero(quantity_, 6)), charge.5),
                    -- A place that raises the price of one model may not raise another's.
                    if(charge.6 = '', record_geo, charge.6)), items)) AS all_charges,
            arrayJoin(arrayZip(arrayEnumerate(all_charges), all_charges)) AS number_and_charge
        FROM counted
    ),
    charged AS
    (
        SELECT
            ts, record_id, replies, sums_replies, price_context, {book:String} AS book,
            toDateTime(ts, 'UTC') AS day,
            toUInt16(number_and_charge.1) AS item,
            number_and_charge.2.1 AS model,
            number_and_charge.2.2 AS provider,
            number_and_charge.2.3 AS mode,
            number_and_charge.2.4 AS declined,
            number_and_charge.2.5 AS buckets,
            number_and_charge.2.6 AS price_geo
        FROM numbered
    ),
    named AS
    (
        SELECT *,
            -- Clouds and gateways write their makers' ids in forms of their own.
            ${price_name(provider)} AS name
        FROM charged
        -- anthropic 15: refusals before any output were billed, then free, then free for most categories.
        WHERE ${refusal_is_billed(declined, ts)}
    ),
    split AS
    (
        SELECT *, splitByChar(':', name) AS parts
        FROM named
    ),
    found AS
    (
        SELECT *,
            -- The exact id, else the longest `prefix:*`.
            arrayFirst(
                candidate -> dictHas('llmcost.rate_dict', (book, provider, candidate, '', '', 'model'), day),
                arrayConcat([name], arrayMap(
                    n -> concat(arrayStringConcat(arraySlice(parts, 1, length(parts) - n), ':'), ':*'),
                    range(1, length(parts))))) AS price_model
        FROM split
    ),
    placed AS
    (
        SELECT *,
            multiIf(
                price_geo = '', toDecimal64OrNull('1', 6),
                toDecimal64OrNull(price_geo, 6) IS NOT NULL, toDecimal64OrNull(price_geo, 6),
                toDecimal64OrNull(toString(dictGetOrNull('llmcost.rate_dict', 'product_usd',
                    (book, provider, price_model, '', '', concat('geo:', price_geo)), day)), 6)) AS geo,
            dictGetOrNull('llmcost.rate_dict', 'product_usd',
                (book, provider, price_model, '', '', 'long_context_threshold'), day) AS threshold,
            ${prompt_size(buckets)} AS prompt
        FROM found
    ),
    bucketed AS
    (
        SELECT *,
            multiIf(
                threshold IS NULL, 'short',
                replies > 1 OR sums_replies, price_context,
                prompt > threshold, 'long',
                'short') AS context,
            arrayJoin(CAST(buckets, 'Array(Tuple(String, Decimal(18, 6)))')) AS line
        FROM placed
    ),
    rated AS
    (
        SELECT *,
            line.1 AS bucket,
            toDecimal64(line.2, 6) AS quantity,
            dictGet('llmcost.rate_dict',
                ('known', 'cost_group', 'usd_per_unit', 'mode_multiplier', 'product_usd', 'divisor', 'contracted_usd',
                 'in_geography', 'whole_units', 'announced', 'rule', 'source', 'book_version'),
                (book, provider, price_model, mode, context, bucket), day) AS rate
        FROM bucketed
    ),
    multiplied AS
    (
        SELECT *,
            if(rate.8 = 1, geo, toDecimal64(1, 6)) AS geo_multiplier,
            -- Decimal256 holds quantity (6 decimals) x price (24) x geography (6) without loss.
            toDecimal256(if(rate.9 = 1, floor(quantity + toDecimal64('0.5', 6)), quantity), 6) AS metered,
            toDecimal256(rate.5, 24) * geo_multiplier AS factor
        FROM rated
    ),
    judged AS
    (
        SELECT *,
            multiIf(
                price_model = '', 'unknown_model',
                geo IS NULL, 'unknown_region',
                context = '', 'unknown_context',
                rate.1 = 0, 'unknown_bucket',
                -- Rounded once per reply; the sum of many shows no more how.
                replies > 1 AND factor != round(factor, 12), 'rounded_per_reply',
                quantity > 1e12, 'invalid_usage',
                '') AS reason
        FROM multiplied
    )
SELECT
    ts, record_id, item, model, mode, context, bucket,
    rate.2 AS cost_group,
    quantity,
    if(rate.1 = 1, rate.3, NULL) AS unit_price_usd,
    rate.4 AS mode_multiplier,
    geo_multiplier, metered, factor, reason,
    if(reason = '', toDecimal128(roundBankers(metered * factor / rate.6, 12), 12), NULL) AS amount_usd,
    if(reason = '', toDecimal128OrNull(toString(roundBankers(
        toDecimal256(quantity, 6) * (toDecimal256(rate.7, 24) * geo_multiplier) / rate.6, 12)), 12), NULL) AS contracted_usd,
    rate.10 AS announced,
    rate.11 AS rule,
    rate.12 AS source,
    rate.13 AS book_version
FROM judged
