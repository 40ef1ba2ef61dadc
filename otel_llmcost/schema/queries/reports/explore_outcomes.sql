-- What query explore is over outcomes: one row per row of outcome_costs, with its bucket and its names.
-- Source: outcome_costs. Runs as it stands, as explore does.
SELECT
    c.*,
    c.user_id AS user, c.session_id AS session,
    arrayLast(start -> start <= toUnixTimestamp(c.ts), {starts:Array(UInt32)}) AS bucket,
    /* by */ toString(c.feature) AS dimension_1, '' AS dimension_2 /* by */
FROM llmcost.outcome_costs AS c
WHERE c.ts >= {since:DateTime64(3, 'UTC')}
    AND c.ts < {until:DateTime64(3, 'UTC')}
    AND /* only */ 1 /* only */
