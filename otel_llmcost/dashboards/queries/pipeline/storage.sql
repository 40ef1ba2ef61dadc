-- One row per table: rows and bytes on disk, parts waiting to be merged.
SELECT table, sum(p.rows) AS row_count, sum(p.bytes_on_disk) AS disk_bytes, disk_bytes / nullIf(row_count, 0) AS bytes_per_row, count() AS parts
FROM system.parts AS p
WHERE database = 'llmcost' AND active
GROUP BY table
HAVING row_count > 0
ORDER BY disk_bytes DESC
LIMIT 20
