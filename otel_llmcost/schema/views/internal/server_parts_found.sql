-- Grain: one row per record near a stale hour from the servers of Anthropic or OpenRouter that is a part of another record.
-- A server reports a call and what happened inside it: runs of the model, attempts at a provider. Inside a call of its own, as
-- a child or, without an id of its own, within it in one trace, a span with the same model is a part. So is a turn of an
-- agent, whose model runs are the calls; and all of a session of which there is a record of ours.
-- Source: llm_calls; a refresh appends it to duplicate_calls, before duplicates_found. Empty unless servers send spans.
-- Appended to: duplicate_calls
CREATE OR REPLACE VIEW llmcost_internal.server_parts_found ${on_cluster} AS
WITH
    -- Found once: a subquery would be planned and run wherever it is used.
    (SELECT groupUniqArrayArray([hour - 3600, hour, hour + 3600]) FROM llmcost_internal.stale_hours) AS near,
    reports AS
    (
        SELECT
            ts, record_id, toString(source) AS source, trace_id, span_id, parent_span_id, response_id, duration_ms,
            operation = 'invoke_agent' AS turn, if(session_id != '', session_id, conversation_id) AS session,
            -- Gateways put a vendor before the name.
            arrayFilter(name -> name != '', arrayMap(name -> lower(splitByChar('/', toString(name))[-1]), [model, request_model])) AS models,
            input_tokens + output_tokens = 0 AS silent, ts + toIntervalMillisecond(duration_ms) AS ended_at
        FROM llmcost.llm_calls FINAL
        WHERE toStartOfHour(ts) IN near AND source IN ('com.anthropic.claude-platform', 'openrouter')
    ),
    pairs AS
    (
        WITH
            n.parent_span_id != '' AND n.parent_span_id = e.span_id AS child,
            e.parent_span_id != '' AND e.parent_span_id = n.span_id AS parent,
            n.ts >= e.ts - INTERVAL 10 MILLISECOND AND n.ended_at <= e.ended_at + INTERVAL 10 MILLISECOND AS within,
            e.ts >= n.ts - INTERVAL 10 MILLISECOND AND e.ended_at <= n.ended_at + INTERVAL 10 MILLISECOND AS around
        SELECT
            n.ts AS ts, n.record_id AS record_id, n.source AS source, n.response_id AS response_id, e.record_id AS kept_record_id,
            e.source AS kept_source, child, NOT n.turn AND child AS is_part, e.duration_ms AS kept_duration_ms
        FROM
        (
            SELECT *, arrayJoin(arrayFilter(p -> p != 0, [
                if(parent_span_id = '', 0, cityHash64('child', trace_id, parent_span_id)),
                if(response_id = '', cityHash64('within', trace_id, toStartOfMinute(ts)), cityHash64('id', trace_id, response_id)),
                if(turn, cityHash64('around', trace_id), 0)])) AS place
            FROM reports
            WHERE trace_id != ''
        ) AS n
        INNER JOIN
        (
            SELECT *, arrayJoin(arrayConcat(
                [cityHash64('child', trace_id, span_id)],
                if(turn, [], [cityHash64('around', trace_id)]),
                if(response_id = '', [], arrayConcat(
                    [cityHash64('id', trace_id, response_id)],
                    arrayMap(m -> cityHash64('within', trace_id, toStartOfMinute(ts) + toIntervalMinute(m)),
                        range(toUInt64(least(intDiv(duration_ms, 60000) + 2, 60)))))))) AS place
            FROM reports
            WHERE trace_id != '' AND NOT silent
        ) AS e ON n.place = e.place
        WHERE n.source = e.source AND n.record_id != e.record_id
            AND multiIf(
                n.turn, NOT e.turn AND around,
                e.turn OR parent OR NOT (n.silent OR n.source = 'openrouter' OR hasAny(n.models, e.models)), false,
                child, true,
                within AND NOT n.silent AND n.session = e.session
                    AND (n.response_id = '' OR (n.duration_ms, n.record_id) < (e.duration_ms, e.record_id)))
    ),
    -- What is a part itself stands for nothing else but its children.
    parts AS
    (
        SELECT ts, record_id, source, response_id, kept_record_id, kept_source
        FROM pairs
        WHERE child OR kept_record_id NOT IN (SELECT record_id FROM pairs WHERE is_part)
        ORDER BY record_id, NOT child, kept_duration_ms
        LIMIT 1 BY record_id
    ),
    of_sessions AS
    (
        SELECT n.ts AS ts, n.record_id AS record_id, n.source AS source, n.response_id AS response_id,
            e.record_id AS kept_record_id, 'otel_llmcost' AS kept_source
        FROM (SELECT * FROM reports WHERE session != '') AS n
        INNER JOIN
        (
            SELECT DISTINCT record_id, conversation_id
            FROM llmcost.llm_calls
            -- A session's record is as old as the session.
            WHERE ts > (SELECT if(count() = 0, toDateTime64('2299-01-01', 3, 'UTC'), min(ts) - INTERVAL 31 DAY) FROM reports WHERE session != '')
                AND source = 'otel_llmcost' AND operation = 'invoke_agent' AND startsWith(record_id, 'session-')
        ) AS e ON n.session = e.conversation_id
    )
SELECT ts, record_id, source, response_id, kept_record_id, kept_source, now64(3) AS found_at
FROM (SELECT * FROM of_sessions UNION ALL SELECT * FROM parts)
WHERE record_id NOT IN (SELECT record_id FROM llmcost.duplicate_calls)
ORDER BY record_id, kept_source != 'otel_llmcost'
LIMIT 1 BY record_id
