-- The place of a call in its trace: one row with how many calls that has, how many began before it, their costs, and the calls
-- before and after it; empty when there is none. Source: calls.
SELECT
    count() AS calls,
    countIf((c.ts, c.record_id) < ({at:DateTime64(3, 'UTC')}, {record:String})) AS earlier,
    sum(c.cost_usd) AS cost_usd,
    argMaxIf(c.record_id, (c.ts, c.record_id), (c.ts, c.record_id) < ({at:DateTime64(3, 'UTC')}, {record:String})) AS before,
    argMinIf(c.record_id, (c.ts, c.record_id), (c.ts, c.record_id) > ({at:DateTime64(3, 'UTC')}, {record:String})) AS after
FROM llmcost.calls AS c
WHERE c.trace_id = {trace:String}
