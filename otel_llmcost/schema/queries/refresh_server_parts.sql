-- Note what servers tell of the inside of a call: one row per record to leave out.
INSERT INTO llmcost.duplicate_calls SELECT * FROM llmcost.server_parts_found
-- Wrong clocks can spread records over any number of partitions.
SETTINGS max_partitions_per_insert_block = 0
