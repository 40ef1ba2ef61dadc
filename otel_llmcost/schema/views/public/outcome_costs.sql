-- Grain: one row per outcome() event, with what led to it: the calls of its scope, else of its session, else of its
-- trace (`linked_by`). Outcomes that share one of these share its cost equally, so that no dollar counts twice there.
-- `feature` is that of the event, else the one that all of those calls have.
-- Source: outcomes, calls. cost_usd is NULL when none of the calls is priced, or there are none (calls = 0).
CREATE OR REPLACE VIEW llmcost.outcome_costs ${on_cluster} AS
WITH
    linked AS
    (
        SELECT
            o.ts AS ts, o.outcome_id AS outcome_id, o.name AS outcome, o.value AS value, o.environment AS environment,
            o.service AS service, o.feature AS feature, o.team AS team, o.user_id AS user_id, o.session_id AS session_id,
            o.trace_id AS trace_id,
            multiIf(o.scope_id != '', 'scope', o.session_id != '', 'session', o.trace_id != '', 'trace', 'nothing') AS linked_by,
            multiIf(o.scope_id != '', o.scope_id, o.session_id != '', o.session_id, o.trace_id) AS link
        FROM llmcost.outcomes AS o FINAL
    ),
    spent AS
    (
        SELECT 'scope' AS kind, c.scope_id AS link, count() AS calls, sum(c.cost_usd) AS cost_usd,
            countIf(c.cost_usd IS NULL) AS unpriced_calls,
            if(uniqExact(c.feature) = 1, any(c.feature), '') AS only_feature
        FROM llmcost.calls AS c
        WHERE c.scope_id IN (SELECT link FROM linked WHERE linked_by = 'scope')
        GROUP BY link
        UNION ALL
        SELECT 'session' AS kind, c.session_id AS link, count() AS calls, sum(c.cost_usd) AS cost_usd,
            countIf(c.cost_usd IS NULL) AS unpriced_calls,
            if(uniqExact(c.feature) = 1, any(c.feature), '') AS only_feature
        FROM llmcost.calls AS c
        WHERE c.session_id IN (SELECT link FROM linked WHERE linked_by = 'session')
        GROUP BY link
        UNION ALL
        SELECT 'trace' AS kind, c.trace_id AS link, count() AS calls, sum(c.cost_usd) AS cost_usd,
            countIf(c.cost_usd IS NULL) AS unpriced_calls,
            if(uniqExact(c.feature) = 1, any(c.feature), '') AS only_feature
        FROM llmcost.calls AS c
        WHERE c.trace_id IN (SELECT link FROM linked WHERE linked_by = 'trace')
        GROUP BY link
    )
SELECT
    l.ts AS ts, l.outcome_id AS outcome_id, l.outcome AS outcome, l.value AS value, l.environment AS environment,
    l.service AS service, if(l.feature = '', ifNull(s.only_feature, ''), l.feature) AS feature, l.team AS team,
    l.user_id AS user_id, l.session_id AS session_id, l.trace_id AS trace_id, l.linked_by AS linked_by,
    count() OVER (PARTITION BY l.linked_by, l.link) AS sharing,
    ifNull(s.calls, 0) AS calls,
    ifNull(s.unpriced_calls, 0) AS unpriced_calls,
    s.cost_usd / sharing AS cost_usd
FROM linked AS l
LEFT JOIN spent AS s ON l.linked_by = s.kind AND l.link = s.link
SETTINGS join_use_nulls = 1
