-- The runs of a range in an order: one row per trace, session, conversation or feature() scope, and the key it is sorted by,
-- the highest first. Source: calls.
-- Runs as it stands; reports/runs.py puts its own expressions between the markers (`id`, `key`, `only`).
SELECT
    /* id */ c.trace_id /* id */ AS run_id,
    toDecimal128(/* key */ toUnixTimestamp64Milli(max(c.ts)) /* key */, 12) AS sort_key
FROM llmcost.calls AS c
WHERE c.ts >= {since:DateTime64(3, 'UTC')}
    AND c.ts < {until:DateTime64(3, 'UTC')}
    AND /* only */ 1 /* only */
GROUP BY run_id
HAVING run_id != '' AND ({after_id:String} = '' OR (sort_key, run_id) < ({after:Decimal(38, 12)}, {after_id:String}))
ORDER BY sort_key DESC, run_id DESC
LIMIT {limit:UInt32}
