-- Roll up the levers of one more day that is over: one row per group, one marker.
INSERT INTO llmcost.lever_1d SELECT * FROM llmcost.lever_days_rebuilt
