-- The most expensive traces or sessions of a long range: one row each, out of the twenty most expensive of each of its days.
-- Source: daily_units. Runs as it stands; reports/runs.py puts conditions between the markers (`only`).
SELECT
    run.id AS run_id,
    toDecimal128(ifNull(sum(run.cost_usd), -1), 12) AS sort_key
FROM llmcost.daily_units(since = {since:DateTime64(3)}, until = {until:DateTime64(3)}) AS u
ARRAY JOIN u.top_by_cost AS run
WHERE u.unit = {unit:String}
    AND u.is_total = {is_total:UInt8}
    AND /* only */ 1 /* only */
GROUP BY run_id
ORDER BY sort_key DESC, run_id DESC
LIMIT {limit:UInt32}
