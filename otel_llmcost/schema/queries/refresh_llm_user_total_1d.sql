-- Roll up one more day that is over: one row per group, one marker.
INSERT INTO llmcost.llm_user_total_1d SELECT * FROM llmcost.user_total_days_rebuilt
