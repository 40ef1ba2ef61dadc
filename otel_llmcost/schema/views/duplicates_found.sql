-- Grain: one row per foreign record near a stale hour that tells a reply another emitter also told.
-- Our record is the one that counts; between foreign ones it is the one that knows a cost.
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
    )
SELECT
    told.ts AS ts,
    told.record_id AS record_id,
    told.source AS source,
    told.response_id AS response_id,
    kept.record_id AS kept_record_id,
    kept.source AS kept_source,
    now64(3) AS found_at
FROM told
INNER JOIN
(
    SELECT t.reply AS reply, argMin((t.record_id, t.source), (t.precedence, t.record_id)) AS best, best.1 AS record_id, best.2 AS source
    FROM told AS t
    GROUP BY reply
    HAVING uniqExact(t.source) > 1
) AS kept ON told.reply = kept.reply
WHERE told.source != kept.source
    AND told.record_id NOT IN (SELECT record_id FROM llmcost.duplicate_calls)
ORDER BY record_id, kept_source != 'otel_llmcost'
LIMIT 1 BY record_id
