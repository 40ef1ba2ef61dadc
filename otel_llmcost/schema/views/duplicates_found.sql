-- Grain: one row per foreign record near a stale hour that tells a reply another emitter also told.
-- Our record is the one that counts; between foreign ones it is the one that knows a cost.
-- Told twice means: the same response id, or the same span. OpenInference names no reply, and its span is not always the
-- one our record annotates; so a span without a response id also tells again a call of another emitter that it encloses
-- in time, of the same service, model and tokens (or without any): in one trace, or, as a root, within a tenth of a
-- second of it (the span of a stream helper is never made current, so the call below starts a trace of its own). Logfire
-- tells a stream in a moment, soon after its end.
-- Source: llm_calls; a refresh appends it to duplicate_calls. Empty unless two emitters exist.
CREATE OR REPLACE VIEW llmcost.duplicates_found ${on_cluster} AS
WITH
    near AS
    (
        SELECT arrayJoin([hour - 3600, hour, hour + 3600]) AS hour
        FROM llmcost.stale_hours
    ),
    told AS
    (
        SELECT
            -- The provider's id; and the span, because a record that annotates another emitter's span has its ids.
            arrayJoin(arrayFilter(key -> key NOT IN ('', ':'), [response_id, concat(trace_id, ':', span_id)])) AS reply,
            response_id, ts, record_id, source,
            (source != 'otel_llmcost', reported_cost_usd IS NULL, toString(source)) AS precedence
        FROM llmcost.llm_calls FINAL
        WHERE toStartOfHour(ts) IN (SELECT hour FROM near)
            AND reply IN
            (
                SELECT arrayJoin([response_id, concat(trace_id, ':', span_id)])
                FROM llmcost.llm_calls
                WHERE toStartOfHour(ts) IN (SELECT hour FROM near) AND source != 'otel_llmcost'
            )
    ),
    nameless AS
    (
        SELECT
            -- Where the other telling can be found: in its trace; of a root, in its second.
            arrayJoin(arrayConcat([trace_id], if(parent_span_id = '', [toString(intDiv(toUnixTimestamp64Milli(ts), 1000))], []))) AS place,
            ts, record_id, source, trace_id, environment, service, [model, request_model] AS models,
            (input_tokens, output_tokens) AS tokens, duration_ms
        FROM llmcost.llm_calls FINAL
        WHERE toStartOfHour(ts) IN (SELECT hour FROM near)
            AND source != 'otel_llmcost' AND response_id = '' AND trace_id != ''
    ),
    enclosed AS
    (
        SELECT
            arrayJoin(arrayConcat([trace_id], if(parent_span_id = '', arrayDistinct(arrayMap(
                offset -> toString(intDiv(toUnixTimestamp64Milli(ts) + offset, 1000)),
                [-100, 10, toInt64(duration_ms) - 10, toInt64(duration_ms) + 1000])), []))) AS place,
            ts, record_id, source, environment, service, [model, request_model] AS models,
            arrayJoin([(input_tokens, output_tokens), (0, 0)]) AS tokens, duration_ms
        FROM llmcost.llm_calls FINAL
        WHERE toStartOfHour(ts) IN (SELECT hour FROM near)
            AND (source = 'otel_llmcost' OR response_id != '') AND trace_id != ''
            AND (service, tokens) IN (SELECT service, tokens FROM nameless)
    ),
    found AS
    (
        SELECT told.ts AS ts, told.record_id AS record_id, told.source AS source, told.response_id AS response_id,
            kept.record_id AS kept_record_id, kept.source AS kept_source
        FROM told
        INNER JOIN
        (
            SELECT t.reply AS reply, argMin((t.record_id, t.source), (t.precedence, t.record_id)) AS best, best.1 AS record_id, best.2 AS source
            FROM told AS t
            GROUP BY reply
            HAVING uniqExact(t.source) > 1
        ) AS kept ON told.reply = kept.reply
        WHERE told.source != kept.source
        UNION ALL
        -- Emitters round, and stop their clocks in different places.
        WITH
            dateDiff('millisecond', n.ts, e.ts) AS begins_later,
            begins_later + toInt64(e.duration_ms) - toInt64(n.duration_ms) AS ends_later
        SELECT n.ts, n.record_id, n.source, '', e.record_id, e.source
        FROM nameless AS n
        INNER JOIN enclosed AS e
            ON n.place = e.place AND n.environment = e.environment AND n.service = e.service AND n.tokens = e.tokens
        WHERE n.source != e.source
            AND hasAny(arrayFilter(name -> name != '', n.models), e.models)
            AND multiIf(
                n.duration_ms = 0, ends_later BETWEEN -1000 AND 10,
                n.place = n.trace_id, begins_later >= -10 AND ends_later <= 10,
                begins_later BETWEEN -10 AND 100 AND ends_later BETWEEN -100 AND 10)
    )
SELECT ts, record_id, source, response_id, kept_record_id, kept_source, now64(3) AS found_at
FROM found
WHERE record_id NOT IN (SELECT record_id FROM llmcost.duplicate_calls)
ORDER BY record_id, kept_source != 'otel_llmcost'
LIMIT 1 BY record_id
