-- Roll up one more day that is over: one row per group, one marker.
INSERT INTO llmcost.llm_state_1d SELECT * FROM llmcost.state_days_rebuilt
