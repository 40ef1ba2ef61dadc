-- Grain: as before. The parts of a day are merged once none of them is younger than an hour: then nothing of that day
-- has to be de-duplicated when it is read.
-- Source: llm_calls.
ALTER TABLE llmcost.llm_calls ${on_cluster} MODIFY SETTING min_age_to_force_merge_seconds = 3600, min_age_to_force_merge_on_partition_only = 1
