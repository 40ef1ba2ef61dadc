-- Roll up one more day that is over: one row per group, one marker.
INSERT INTO llmcost.llm_user_1d SELECT * FROM llmcost.user_days_rebuilt
