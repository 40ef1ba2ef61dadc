-- Grain: one row per hour, environment, feature, provider, model, mode, geography, `kind` and size class of the answered
-- calls that bill one model. Sides: prompt, answer, answer_cut (it reached the token limit), reasoning, and history: a
-- prompt that grew with every turn of its conversation, from the fourth turn in the hour on, past twice the first prompt.
-- `bound` is the most tokens of a class: four classes an octave, so that a limit set at a bound cuts whole classes.
-- Of history, `tokens` are those past twice the first prompt, and bound is 0.
-- Source: calls.
-- Bucket: hour
-- Follows: hourly_spend
-- Quiet: 1 SECOND
-- At once: 12
-- Retention: calls_ttl_days
CREATE TABLE llmcost_internal.size_hours
(
    hour DateTime('UTC') CODEC(Delta(4), ZSTD(1)),
    environment LowCardinality(String) CODEC(ZSTD(1)),
    feature LowCardinality(String) CODEC(ZSTD(1)),
    provider LowCardinality(String) CODEC(ZSTD(1)),
    model LowCardinality(String) CODEC(ZSTD(1)),
    mode LowCardinality(String) CODEC(ZSTD(1)),
    geo LowCardinality(String) CODEC(ZSTD(1)),
    prompt_class UInt8 CODEC(ZSTD(1)),
    kind LowCardinality(String) CODEC(ZSTD(1)),
    bound UInt64 CODEC(T64, ZSTD(1)),
    calls UInt64 CODEC(T64, ZSTD(1)),
    tokens UInt64 CODEC(T64, ZSTD(1)),
    cached_tokens UInt64 CODEC(T64, ZSTD(1)),
    cost_usd Decimal(38, 12) CODEC(ZSTD(1))
)
ORDER BY (hour, feature, model, environment, provider)
AS
SELECT
    hour, environment, feature, provider, model, mode, geo, prompt_class, one.1 AS kind, one.2 AS bound,
    count() AS calls, sum(one.3) AS tokens, sum(cached) AS cached_tokens, sum(usd) AS cost_usd
FROM
(
    SELECT
        hour, environment, feature, provider, model, mode, geo, prompt_class, usd, cached,
        arrayMap(size -> greatest(16, toUInt64(exp2(floor(log2(greatest(size, 1))) - 2))), [prompt, answer, reasoning]) AS steps,
        intDiv(prompt + steps[1] - 1, steps[1]) * steps[1] AS prompt_bound,
        intDiv(answer + steps[2] - 1, steps[2]) * steps[2] AS answer_bound,
        intDiv(reasoning + steps[3] - 1, steps[3]) * steps[3] AS reasoning_bound,
        arrayJoin(arrayFilter(s -> s.3 > 0, [
            ('prompt', toUInt64(prompt_bound), toUInt64(prompt)),
            (if(finish_reason IN (${cut_reasons}), 'answer_cut', 'answer'), toUInt64(answer_bound), toUInt64(answer)),
            ('reasoning', toUInt64(reasoning_bound), toUInt64(reasoning)),
            ('history', toUInt64(0), toUInt64(if(turn > 3 AND steps_up = turn - 1 AND prompt > 2 * first_prompt, prompt - 2 * first_prompt, 0)))])) AS one
    FROM
    (
        SELECT
            *,
            row_number() OVER talk AS turn,
            first_value(prompt) OVER talk AS first_prompt,
            sum(step_up) OVER talk AS steps_up
        FROM
        (
            SELECT
                toStartOfHour(c.ts) AS hour, c.ts AS ts, c.record_id AS record_id,
                c.environment AS environment, c.feature AS feature, c.provider AS provider, c.model AS model, c.mode AS mode,
                c.price_geo AS geo, c.finish_reason AS finish_reason, assumeNotNull(c.cost_usd) AS usd,
                c.input_tokens AS prompt, c.output_tokens AS answer, c.reasoning_tokens AS reasoning, c.cache_read_tokens AS cached,
                arrayCount(l -> prompt > l, ${prompt_steps}) AS prompt_class,
                coalesce(nullIf(c.conversation_id, ''), nullIf(c.session_id, ''), nullIf(c.scope_id, ''), c.trace_id) AS conversation,
                lagInFrame(prompt) OVER (PARTITION BY hour, environment, feature, provider, model, conversation ORDER BY ts, record_id
                    ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) AS prompt_before,
                prompt_before > 0 AND prompt > prompt_before AS step_up
            FROM llmcost.calls AS c
            WHERE c.cost_usd > 0 AND c.usage_items = '' AND c.replies = 1 AND c.error_type = '' AND c.stream_outcome != 'abandoned'
        )
        WINDOW talk AS (PARTITION BY hour, environment, feature, provider, model, conversation ORDER BY ts, record_id
            ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)
    )
)
GROUP BY hour, environment, feature, provider, model, mode, geo, prompt_class, kind, bound
