-- Roll up one more day that is over: one row per group, one marker.
INSERT INTO llmcost.llm_process_1d SELECT * FROM llmcost.process_days_rebuilt
