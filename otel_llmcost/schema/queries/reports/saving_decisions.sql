-- What was decided on savings and still holds: one row per lever, environment, feature, provider and model, the newest
-- first. Source: saving_decisions.
SELECT
    lever, environment, feature, provider, model,
    newest.1 AS decided_at, newest.2 AS decided_by, newest.3 AS change, newest.4 AS cost_usd_per_month,
    newest.5 AS saving_usd_per_month, newest.6 AS saving_low_usd_per_month, newest.7 AS note
FROM
(
    SELECT
        lever, environment, feature, provider, model,
        argMax((decided_at, decided_by, change, cost_usd_per_month, saving_usd_per_month, saving_low_usd_per_month, note,
            decision), decided_at) AS newest
    FROM llmcost.saving_decisions FINAL
    GROUP BY lever, environment, feature, provider, model
)
WHERE newest.8 = 'done'
ORDER BY decided_at DESC, lever, environment, feature, provider, model
