-- Give untagged batch results the feature their batch was submitted with: one row per such result.
INSERT INTO llmcost.llm_calls SELECT * FROM llmcost.batch_results_inherited
-- Wrong clocks can spread records over any number of partitions.
SETTINGS max_partitions_per_insert_block = 0
