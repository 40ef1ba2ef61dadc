-- How the prompts of one trace grew within an hour: its first and its last.
SELECT argMin(input_tokens, (ts, record_id)) AS first, argMax(input_tokens, (ts, record_id)) AS last
FROM llmcost.calls
WHERE toStartOfHour(ts) = {since:DateTime('UTC')} AND trace_id = {trace_id:String} AND trace_id != ''
HAVING count() > 0
