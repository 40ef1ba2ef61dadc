-- Grain: one row per foreign record near a stale hour of a reply that another emitter also reported.
-- Our record is the one that counts; between foreign ones it is the one that has a cost, or of two without a response id
-- the one inside the other.
-- Reported twice means the same span, or that more than one thing agrees:
-- - The same response id, at the same time, and the same trace, or the same service, model and tokens; two seconds are the same
--   time. An id alone proves
--   nothing: relays answer with one constant id, and Ollama's are 0 to 998. Only an id that looks random and that no emitter
--   reported twice also joins different services (a gateway's spans), where model and tokens are the same.
-- - No response id (OpenInference names none, and its span is not always the one our record annotates; nor do frameworks): a
--   parent and its child with the same model and tokens; or a span that encloses the call of another emitter in time, of the
--   same service, model and tokens (or without any): in one trace, or, as a root, within a tenth of a second of it (the span
--   of a stream helper is never made current, so the call below starts a trace of its own). Logfire reports a stream in a
--   moment, soon after its end.
--   A parent that leaves the cached tokens out is the same call too.
-- - A parent that adds up its children: of one model, and its tokens are theirs (the AI SDK's span around the calls of
--   embedMany).
-- One record is reported again once by each emitter, unless span and parent say more.
-- Spans from the servers of Anthropic and OpenRouter are of the service in whose trace they are, and what agrees with one by
-- id and time is the same call whatever the service. Their own parts are left out before (server_parts_found).
-- Source: llm_calls; a refresh appends it to duplicate_calls. Empty unless two emitters exist.
-- Appended to: duplicate_calls
CREATE OR REPLACE VIEW llmcost_internal.duplicates_found ${on_cluster} AS
WITH
    -- Found once: a subquery would be planned and run wherever it is used.
    (SELECT groupUniqArrayArray([hour - 3600, hour, hour + 3600]) FROM llmcost_internal.stale_hours) AS near,
    -- Environment and service of the traces that servers' spans are in.
    (
        SELECT mapFromArrays(groupArray(trace_id), groupArray(caller))
        FROM
        (
            SELECT trace_id, any((toString(environment), toString(service))) AS caller
            FROM llmcost.llm_calls
            WHERE toStartOfHour(ts) IN near AND source NOT IN ('com.anthropic.claude-platform', 'openrouter')
                AND trace_id IN
                    (SELECT trace_id FROM llmcost.llm_calls
                     WHERE toStartOfHour(ts) IN near AND source IN ('com.anthropic.claude-platform', 'openrouter') AND trace_id != '')
            GROUP BY trace_id
        )
    ) AS caller_of,
    read AS
    (
        SELECT
            ts, record_id, toString(source) AS source, trace_id, span_id, parent_span_id,
            source IN ('com.anthropic.claude-platform', 'openrouter') AS server,
            if(server AND mapContains(caller_of, trace_id), caller_of[trace_id], (toString(c.environment), toString(c.service))) AS caller,
            caller.1 AS environment, caller.2 AS service, response_id,
            -- Gateways put a vendor before the name.
            arrayFilter(name -> name != '', arrayDistinct(arrayMap(name -> lower(splitByChar('/', toString(name))[-1]), [model, request_model]))) AS models,
            (input_tokens, output_tokens) AS tokens, (uncached_input_tokens, output_tokens) AS uncached_tokens, input_tokens + output_tokens = 0 AS silent, error_type != '' AS failed,
            duration_ms, ts + toIntervalMillisecond(duration_ms) AS ended_at,
            (source != 'otel_llmcost', source = 'com.anthropic.claude-platform', reported_cost_usd IS NULL, toString(source), record_id) AS precedence
        FROM llmcost.llm_calls AS c FINAL
        WHERE toStartOfHour(ts) IN near
            AND NOT (server AND record_id IN (SELECT record_id FROM llmcost.duplicate_calls WHERE source = kept_source))
    ),
    shared_ids AS
    (
        SELECT response_id, max(report_times) = 1 AND match(response_id, '[0-9A-Za-z]{16}') AS unique,
            countIf(source IN ('com.anthropic.claude-platform', 'openrouter')) > 0 AS served
        FROM
        (
            SELECT response_id, source, uniqExact(if(trace_id = '', record_id, trace_id)) AS report_times
            FROM llmcost.llm_calls
            WHERE toStartOfHour(ts) IN near AND response_id IN
                (SELECT response_id FROM llmcost.llm_calls WHERE toStartOfHour(ts) IN near AND source != 'otel_llmcost' AND response_id != '')
            GROUP BY response_id, source
        )
        GROUP BY response_id
        HAVING uniqExact(source) > 1
    ),
    -- Where the other report of a reply is looked for: in the four seconds in which it began or ended, of its trace or service.
    reports AS
    (
        SELECT r.*, i.unique AS unique_id, i.served AS served
        FROM read AS r
        INNER JOIN shared_ids AS i ON r.response_id = i.response_id
    ),
    agreeing AS
    (
        SELECT
            n.ts AS ts, n.record_id AS record_id, n.source AS source, n.response_id AS response_id,
            e.record_id AS kept_record_id, e.source AS kept_source, e.precedence AS precedence,
            n.trace_id != '' AND n.trace_id = e.trace_id AS one_trace,
            n.server OR e.server AS by_server,
            by_server OR n.environment = e.environment AND n.service = e.service AS one_service,
            one_trace AND (n.parent_span_id = e.span_id OR e.parent_span_id = n.span_id) AS related,
            (n.tokens = e.tokens OR n.silent OR e.silent) AND (hasAny(n.models, e.models) OR empty(n.models) OR empty(e.models)) AS alike,
            n.tokens.1 = e.tokens.1 AS same_input,
            abs(dateDiff('millisecond', n.ts, e.ts)) AS begins_apart,
            abs(dateDiff('millisecond', n.ended_at, e.ended_at)) AS ends_apart,
            n.unique_id AS unique_id
        FROM
        (
            SELECT *, arrayJoin(arrayFilter(p -> p != 0, [
                cityHash64('began', environment, service, intDiv(toUnixTimestamp64Milli(ts), 4000)),
                cityHash64('ended', environment, service, intDiv(toUnixTimestamp64Milli(ended_at), 4000)),
                if(trace_id = '', 0, cityHash64('began', trace_id, intDiv(toUnixTimestamp64Milli(ts), 4000))),
                if(trace_id = '', 0, cityHash64('ended', trace_id, intDiv(toUnixTimestamp64Milli(ended_at), 4000))),
                if(served, cityHash64('served', intDiv(toUnixTimestamp64Milli(ts), 4000)), 0),
                if(unique_id, 1, 0)])) AS place
            FROM reports
            WHERE source != 'otel_llmcost'
        ) AS n
        INNER JOIN
        (
            SELECT *, arrayJoin(arrayFilter(p -> p != 0, arrayDistinct(arrayFlatten(arrayMap(offset -> [
                cityHash64('began', environment, service, intDiv(toUnixTimestamp64Milli(ts) + offset, 4000)),
                cityHash64('ended', environment, service, intDiv(toUnixTimestamp64Milli(ended_at) + offset, 4000)),
                if(trace_id = '', 0, cityHash64('began', trace_id, intDiv(toUnixTimestamp64Milli(ts) + offset, 4000))),
                if(trace_id = '', 0, cityHash64('ended', trace_id, intDiv(toUnixTimestamp64Milli(ended_at) + offset, 4000))),
                if(served, cityHash64('served', intDiv(toUnixTimestamp64Milli(ts) + offset, 4000)), 0),
                if(unique_id, 1, 0)], [-2000, 2000]))))) AS place
            FROM reports
        ) AS e ON n.response_id = e.response_id AND n.place = e.place
        WHERE n.source != e.source AND e.precedence < n.precedence
            -- The clock of a server is another one.
            AND n.ts <= e.ended_at + toIntervalSecond(if(by_server AND n.unique_id, 300, 2))
            AND e.ts <= n.ended_at + toIntervalSecond(if(by_server AND n.unique_id, 300, 2))
            AND multiIf(
                related OR by_server AND unique_id, alike OR unique_id,
                one_trace AND one_service, alike OR unique_id,
                one_service AND alike, unique_id OR ends_apart <= 2000 AND (begins_apart <= 2000 OR n.duration_ms = 0),
                -- A cut stream: emitters counted as far as each of them saw.
                one_service, unique_id AND ends_apart <= 2000 AND (same_input OR begins_apart <= 100),
                unique_id AND (one_trace OR alike))
    ),
    by_id AS
    (
        SELECT *
        FROM
        (
            SELECT *
            FROM agreeing
            ORDER BY record_id, precedence.1, NOT related, NOT one_trace, NOT one_service, begins_apart + ends_apart, precedence
            LIMIT 1 BY record_id
        )
        -- Of calls with one constant id, each is reported again once.
        ORDER BY begins_apart + ends_apart, record_id
        LIMIT 1 BY kept_record_id, source, if(unique_id OR related, record_id, '')
    ),
    spans AS
    (
        SELECT n.ts AS ts, n.record_id AS record_id, n.source AS source, n.response_id AS response_id, e.record_id AS kept_record_id, e.source AS kept_source
        FROM (SELECT * FROM read WHERE source != 'otel_llmcost' AND trace_id != '' AND span_id != '') AS n
        INNER JOIN (SELECT * FROM read WHERE trace_id != '' AND span_id != '') AS e ON n.trace_id = e.trace_id AND n.span_id = e.span_id
        WHERE n.source != e.source AND e.precedence < n.precedence
    ),
    nameless AS
    (
        SELECT
            -- Where the other report can be found: in its trace; of a root, in its second.
            *, arrayJoin(arrayConcat([trace_id], if(parent_span_id = '', [toString(intDiv(toUnixTimestamp64Milli(ts), 1000))], []))) AS place
        FROM read
        WHERE source != 'otel_llmcost' AND response_id = '' AND trace_id != ''
    ),
    enclosed AS
    (
        SELECT
            * EXCEPT (tokens), tokens AS said_tokens,
            arrayJoin(arrayConcat([trace_id], if(parent_span_id = '', arrayDistinct(arrayMap(
                offset -> toString(intDiv(toUnixTimestamp64Milli(ts) + offset, 1000)),
                [-100, 10, toInt64(duration_ms) - 10, toInt64(duration_ms) + 1000])), []))) AS place,
            arrayJoin(arrayDistinct([tokens, uncached_tokens, (0, 0)])) AS tokens
        FROM read
        WHERE place != ''
            AND ((service, tokens) IN (SELECT service, tokens FROM nameless) OR (service, uncached_tokens) IN (SELECT service, tokens FROM nameless))
    ),
    around AS
    (
        -- Emitters round, and stop their clocks in different places.
        WITH
            dateDiff('millisecond', n.ts, e.ts) AS begins_later,
            begins_later + toInt64(e.duration_ms) - toInt64(n.duration_ms) AS ends_later,
            n.place = n.trace_id AND n.span_id != '' AND e.parent_span_id = n.span_id AS is_parent,
            n.place = n.trace_id AND e.span_id != '' AND n.parent_span_id = e.span_id AS is_child,
            e.source != 'otel_llmcost' AND e.response_id = '' AS both_nameless
        SELECT n.ts AS ts, n.record_id AS record_id, n.source AS source, '' AS response_id, e.record_id AS kept_record_id, e.source AS kept_source,
            is_parent OR is_child AS related, abs(begins_later) + abs(ends_later) AS apart
        FROM nameless AS n
        INNER JOIN enclosed AS e
            ON n.place = e.place AND n.environment = e.environment AND n.service = e.service AND n.tokens = e.tokens
        WHERE n.record_id != e.record_id AND hasAny(n.models, e.models)
            AND multiIf(
                n.server AND n.source = e.source, false,
                -- A framework that does not see the cache.
                NOT n.silent AND e.said_tokens != n.tokens, is_parent,
                both_nameless AND e.said_tokens != n.tokens, false,
                both_nameless AND n.silent AND NOT (n.failed AND e.failed AND is_parent), false,
                is_parent, true,
                is_child, NOT both_nameless,
                n.source = e.source, false,
                n.duration_ms = 0, NOT both_nameless AND ends_later BETWEEN -1000 AND 10,
                both_nameless AND (n.place != n.trace_id OR (n.duration_ms, n.record_id) < (e.duration_ms, e.record_id)), false,
                n.place = n.trace_id, begins_later >= -10 AND ends_later <= 10,
                begins_later BETWEEN -10 AND 100 AND ends_later BETWEEN -100 AND 10)
        ORDER BY n.record_id, e.source != 'otel_llmcost', NOT related, apart
        LIMIT 1 BY n.record_id
    ),
    sums AS
    (
        SELECT p.ts AS ts, p.record_id AS record_id, p.source AS source, '' AS response_id,
            min(c.record_id) AS kept_record_id, argMin(c.source, c.record_id) AS kept_source
        FROM (SELECT * FROM read WHERE source != 'otel_llmcost' AND response_id = '' AND trace_id != '' AND span_id != '' AND NOT silent) AS p
        INNER JOIN (SELECT * FROM read WHERE trace_id != '' AND parent_span_id != '') AS c
            ON p.trace_id = c.trace_id AND p.span_id = c.parent_span_id
        WHERE hasAny(p.models, c.models) AND NOT (p.server AND p.source = c.source)
        GROUP BY p.ts, p.record_id, p.source, p.tokens
        HAVING count() > 1 AND (sum(c.tokens.1), sum(c.tokens.2)) = p.tokens
    ),
    found AS
    (
        SELECT ts, record_id, source, response_id, kept_record_id, kept_source FROM by_id
        UNION ALL
        SELECT ts, record_id, source, response_id, kept_record_id, kept_source FROM spans
        UNION ALL
        SELECT ts, record_id, source, response_id, kept_record_id, kept_source FROM around
        UNION ALL
        SELECT ts, record_id, source, response_id, kept_record_id, kept_source FROM sums
    )
SELECT ts, record_id, source, response_id, kept_record_id, kept_source, now64(3) AS found_at
FROM found
WHERE record_id NOT IN (SELECT record_id FROM llmcost.duplicate_calls)
ORDER BY record_id, kept_source != 'otel_llmcost'
LIMIT 1 BY record_id
