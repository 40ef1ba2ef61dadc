-- Grain: one row per record, de-duplicated: what to read instead of llm_calls. `feature` is resolved: the tag,
-- else workflow or agent name, else the function that made the call, else 'untagged'.
-- Source: llm_calls without duplicate_calls. Hours are inside partitions, so copies of a record never lie across them:
-- a day whose parts are merged is read as it stands. While nothing was reported twice, no id is read to find that out.
-- Test records of `doctor --send` are no calls.
CREATE OR REPLACE VIEW llmcost.calls ${on_cluster} AS
SELECT
    c.* EXCEPT (feature, version),
    multiIf(
        c.feature != '', c.feature,
        c.workflow_name != '', c.workflow_name,
        c.agent_name != '', c.agent_name,
        c.call_site != '', splitByString(' (', c.call_site)[1],
        'untagged') AS feature,
    multiIf(
        c.feature != '', 'tag',
        c.workflow_name != '', 'workflow',
        c.agent_name != '', 'agent',
        c.call_site != '', 'call_site',
        'none') AS feature_source
FROM llmcost.llm_calls AS c FINAL
WHERE c.service != 'otel-llmcost-doctor'
    AND ((SELECT count() FROM llmcost.duplicate_calls) = 0
        OR c.source = 'otel_llmcost'
        OR (toStartOfHour(c.ts), c.record_id) NOT IN (SELECT toStartOfHour(ts), record_id FROM llmcost.duplicate_calls))
SETTINGS do_not_merge_across_partitions_select_final = 1
