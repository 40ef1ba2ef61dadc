-- Grain: one row per untagged batch-result record whose batch was submitted with a feature: the same row of
-- llm_calls with the submit's feature, team and allocation, and a higher version.
-- Source: llm_calls; a refresh appends it there. Empty unless batches were used lately.
-- Appended to: llm_calls
CREATE OR REPLACE VIEW llmcost_internal.batch_results_inherited ${on_cluster} AS
WITH
    recent AS
    (
        SELECT DISTINCT batch_id
        FROM llmcost.llm_calls
        WHERE ingested_at >= (SELECT max(built_at) - INTERVAL 120 SECOND FROM llmcost.rollup_builds WHERE rollup = 'hourly_spend')
            AND batch_id != ''
    ),
    submits AS
    (
        SELECT s.batch_id AS batch_id, argMin(s.feature, s.ts) AS feature, argMin(s.team, s.ts) AS team, argMin(s.allocation, s.ts) AS allocation
        FROM llmcost.llm_calls AS s FINAL
        WHERE s.batch_id IN (SELECT batch_id FROM recent) AND s.feature != ''
        GROUP BY batch_id
    )
SELECT results.* REPLACE (
    submits.feature AS feature,
    if(results.team = '', submits.team, results.team) AS team,
    if(empty(results.allocation), submits.allocation, results.allocation) AS allocation,
    now64(3) AS ingested_at,
    bitShiftLeft(toUInt64(2), 32) + bitAnd(results.version, 4294967295) AS version)
FROM llmcost.llm_calls AS results FINAL
INNER JOIN submits ON results.batch_id = submits.batch_id
WHERE results.batch_id IN (SELECT batch_id FROM recent)
    AND results.feature = '' AND bitShiftRight(results.version, 32) < 2
