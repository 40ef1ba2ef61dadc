-- The hours (Unix time) of a range that hold a record of some runs, copies included: one row. Source: llm_calls, which is read
-- for one column only; so the calls of these hours, and no others, have to be read in full.
-- Runs as it stands; reports/runs.py puts its own expression between the markers (`id`).
SELECT groupUniqArray(toUnixTimestamp(toStartOfHour(c.ts))) AS hours
FROM llmcost.llm_calls AS c
WHERE c.ts >= {since:DateTime64(3, 'UTC')}
    AND c.ts < {until:DateTime64(3, 'UTC')}
    AND /* id */ c.trace_id /* id */ IN {runs:Array(String)}
