-- Every budget that holds now, as an application holds its calls against it; periods of {timezone:String}.
-- `newest_own` is the last record of the querying process (ids start with {nonce}) that is part of `spent_usd`;
-- empty when none of its last hour is. What came after the last rebuild of the rollup is not part of it yet.
WITH (SELECT max(built_at) - INTERVAL 2 SECOND FROM llmcost.rollup_builds WHERE rollup = 'hourly_spend') AS rolled_up
SELECT
    name, scope, scope_value, period, action,
    toString(amount_usd) AS amount_usd,
    soft_percent,
    toString(spent_usd) AS spent_usd,
    toUnixTimestamp(toDateTime(period_end, {timezone:String})) AS ends_at,
    (
        SELECT max(record_id)
        FROM llmcost.llm_calls
        WHERE ts >= now() - INTERVAL 1 HOUR AND startsWith(record_id, {nonce:String}) AND ingested_at <= rolled_up
    ) AS newest_own
FROM llmcost.budget_status_in(timezone = {timezone:String})
ORDER BY used_share DESC
