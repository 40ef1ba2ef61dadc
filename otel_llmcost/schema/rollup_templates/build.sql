-- Rows of ${rollup}__rows: of every $bucket that is to be built, its groups and its marker.
-- What is to be built is found once, and built at one moment: all of it, or none, counts.
WITH (SELECT groupArray($bucket) FROM ($due)) AS due
SELECT $names, is_marker, now64(6) AS built_at
FROM
(
    SELECT $names, 0 AS is_marker
    FROM llmcost_internal.${rollup}__live$bounds
    WHERE $bucket IN due
    UNION ALL
    -- Columns of a row that finds no partner have the defaults of their types.
    SELECT $marker_names, 1 AS is_marker
    FROM (SELECT arrayJoin(due) AS $bucket) AS d
    LEFT JOIN (SELECT * FROM llmcost.${rollup}__rows WHERE false) AS none ON d.$bucket = none.$bucket
)
-- A build is one block, and so one part of a month: it is stored as a whole or not at all. Wrong clocks can spread records
-- over any number of months.
SETTINGS join_use_nulls = 0, max_insert_threads = 1, min_insert_block_size_rows = 100000000, min_insert_block_size_bytes = 1000000000,
    max_partitions_per_insert_block = 0, max_bytes_before_external_group_by = 1000000000
