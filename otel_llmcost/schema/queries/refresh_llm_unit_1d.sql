-- Roll up one more day that is over: one row per group, one marker. A day may have more units than fit in memory.
INSERT INTO llmcost.llm_unit_1d SELECT * FROM llmcost.unit_days_rebuilt
SETTINGS max_bytes_before_external_group_by = 1000000000
