-- The columns of the public views that take no parameters: one row per column, in order. Source: system.columns.
SELECT table AS view, name, type
FROM system.columns
WHERE database = 'llmcost' AND table IN {views:Array(String)}
ORDER BY table, position
