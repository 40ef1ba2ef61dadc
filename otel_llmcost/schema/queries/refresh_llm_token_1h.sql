-- Roll up one more day that is over: one row per group, one marker.
INSERT INTO llmcost.llm_token_1h SELECT * FROM llmcost.token_days_rebuilt
