-- Roll up one more day that is over: one row per group, one marker.
INSERT INTO llmcost.llm_call_1d SELECT * FROM llmcost.call_days_rebuilt
