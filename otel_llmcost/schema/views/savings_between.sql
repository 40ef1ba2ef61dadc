-- Grain: one row per environment, feature, provider, model and lever: what the calls that started in
-- [{since:DateTime64(3)}, {until:DateTime64(3)}) cost, and what the same calls had cost with the lever pulled, each
-- replayed through the current price book. Never a percentage of spend. `in_plan` marks the best lever of each feature
-- and model: the plan's sum counts no dollar twice. Only priced calls that bill one model are in it.
-- Source: calls, rates, rate_dict.
CREATE OR REPLACE VIEW llmcost.savings_between ${on_cluster} AS
WITH
    known AS
    (
        SELECT
            toDate(c.ts) AS day, toDateTime(toDate(c.ts), 'UTC') AS noon,
            c.environment AS environment, c.feature AS feature, toString(c.provider) AS provider, toString(c.model) AS model,
            toString(c.mode) AS mode,
            if(c.price_context = 'long', 'long', 'short') AS context,
            ifNull(toDecimal64OrNull(toString(c.price_geo), 6), toDecimal64(1, 6)) AS geo,
            c.ttft_ms IS NULL AND c.batch_id = '' AND c.replies = 1 AS unseen,
            c.output_tokens <= 256 AS short_answer,
            c.cost_usd AS usd,
            CAST(c.other_usage, 'Map(String, Decimal(18, 6))') AS buckets,
            c.ts AS ts, c.record_id AS record_id, c.request_fingerprint AS request_fingerprint,
            c.stream_outcome AS stream_outcome, c.error_type AS error_type, c.batch_id AS batch_id
        FROM llmcost.calls AS c
        WHERE c.ts >= {since:DateTime64(3)} AND c.ts < {until:DateTime64(3)}
            AND c.cost_usd > 0 AND c.usage_items = ''
    ),
    -- The newest model of the next cheaper family, where names tell families.
    families AS
    (
        SELECT r.provider AS provider, family, argMax(r.model, (r.valid_from, r.model)) AS newest
        FROM llmcost.rates AS r
        ARRAY JOIN ['claude-sonnet-', 'claude-haiku-'] AS family
        WHERE r.bucket = 'model' AND r.candidate = 0 AND startsWith(r.model, family)
            AND r.valid_from <= now() AND r.valid_to > now()
            AND r.book_version = (SELECT argMax(book_version, loaded_at) FROM llmcost.rates WHERE candidate = 0)
        GROUP BY provider, family
    ),
    used AS
    (
        SELECT
            day, noon, environment, feature, provider, model, mode, context, geo, unseen, short_answer,
            count() AS calls, sum(usd) AS cost_usd, sumMap(buckets) AS buckets
        FROM known
        GROUP BY ALL
    ),
    replayed AS
    (
        SELECT
            u.environment AS environment, u.feature AS feature, u.provider AS provider, u.model AS model, lever,
            u.calls AS calls, u.cost_usd AS cost_usd,
            arrayMap((bucket, quantity) -> (quantity, dictGet('llmcost.rate_dict', ('known', 'product_usd', 'divisor', 'in_geography'),
                ('current', u.provider, other_model, other_mode, u.context, bucket), u.noon)),
                mapKeys(u.buckets), mapValues(u.buckets)) AS lines,
            if(arrayExists(l -> l.2.1 = 0, lines), NULL, toDecimal128(roundBankers(arraySum(l ->
                toDecimal256(l.1, 6) * (toDecimal256(l.2.2, 24) * if(l.2.4 = 1, other_geo, toDecimal64(1, 6))) / l.2.3, lines), 12), 12)) AS after_usd
        FROM
        (
            SELECT
                u.*,
                arrayJoin(arrayFilter(l -> l.1 != '', [
                    (if(u.mode = 'standard' AND u.unseen, 'batch', ''), u.model, 'batch', u.geo),
                    (if(u.mode IN ('fast', 'ultrafast'), 'standard_tier', ''), u.model, 'standard', u.geo),
                    (if(u.geo > 1, 'global_endpoint', ''), u.model, u.mode, toDecimal64(1, 6)),
                    (if(u.short_answer AND f.newest != '', 'cheaper_model', ''), f.newest, u.mode, u.geo)])) AS option,
                option.1 AS lever, option.2 AS other_model, option.3 AS other_mode, option.4 AS other_geo
            FROM used AS u
            LEFT JOIN families AS f ON u.provider = f.provider AND f.family = multiIf(
                startsWith(u.model, 'claude-opus-'), 'claude-sonnet-', startsWith(u.model, 'claude-sonnet-'), 'claude-haiku-', '-')
        ) AS u
    ),
    repeated AS
    (
        SELECT
            k.environment AS environment, k.feature AS feature, k.provider AS provider, k.model AS model, k.usd AS usd,
            dateDiff('second', lagInFrame(toNullable(k.ts)) OVER same, k.ts) AS after_seconds
        FROM known AS k
        WHERE k.request_fingerprint != '' AND k.batch_id = ''
        WINDOW same AS (PARTITION BY k.environment, k.feature, k.model, k.request_fingerprint ORDER BY k.ts, k.record_id
            ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING)
    ),
    found AS
    (
        SELECT environment, feature, provider, model, lever,
            sum(r.calls) AS calls, sum(r.cost_usd) AS cost_usd, sum(r.after_usd) AS cost_after_usd,
            if(lever = 'cheaper_model', toDecimal128(0, 12), sum(r.cost_usd) - sum(r.after_usd)) AS saving_low_usd
        FROM replayed AS r
        WHERE r.after_usd IS NOT NULL
        GROUP BY environment, feature, provider, model, lever
        UNION ALL
        SELECT environment, feature, provider, model, 'duplicate_requests' AS lever,
            countIf(after_seconds <= 86400) AS calls, sumIf(usd, after_seconds <= 86400) AS cost_usd, toDecimal128(0, 12) AS cost_after_usd,
            sumIf(usd, after_seconds <= 3600) AS saving_low_usd
        FROM repeated
        GROUP BY environment, feature, provider, model
        UNION ALL
        SELECT environment, feature, provider, model, 'abandoned_streams' AS lever,
            count() AS calls, sum(usd) AS cost_usd, toDecimal128(0, 12) AS cost_after_usd, toDecimal128(0, 12) AS saving_low_usd
        FROM known
        WHERE stream_outcome = 'abandoned'
        GROUP BY environment, feature, provider, model
        UNION ALL
        SELECT environment, feature, provider, model, 'failed_calls' AS lever,
            count() AS calls, sum(usd) AS cost_usd, toDecimal128(0, 12) AS cost_after_usd, toDecimal128(0, 12) AS saving_low_usd
        FROM known
        WHERE error_type != '' AND stream_outcome != 'abandoned'
        GROUP BY environment, feature, provider, model
    )
SELECT
    environment, feature, provider, model, lever, calls, cost_usd, cost_after_usd,
    least(found.saving_low_usd, saving_usd) AS saving_low_usd,
    cost_usd - cost_after_usd AS saving_usd,
    multiIf(
        lever = 'batch', 'Calls that were not streamed can wait for a batch.',
        lever = 'standard_tier', 'Nobody needs the faster tier.',
        lever = 'global_endpoint', 'Data may leave the region.',
        lever = 'cheaper_model', 'Calls that answered in at most 256 tokens do as well on the next cheaper family.',
        lever = 'duplicate_requests', 'The same request within a day could have been answered from a cache.',
        lever = 'abandoned_streams', 'Streams nobody read to the end need not have been started.',
        'Replies that ended in an error were paid for nothing.') AS assumption,
    multiIf(lever IN ('standard_tier', 'global_endpoint', 'batch'), 'exact', lever = 'duplicate_requests', 'high', 'assumption') AS confidence,
    lever = 'cheaper_model' AS needs_quality_check,
    row_number() OVER (PARTITION BY environment, feature, provider, model ORDER BY cost_usd - cost_after_usd DESC, lever) = 1 AS in_plan
FROM found
WHERE saving_usd > 0
