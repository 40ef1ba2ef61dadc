-- Give untagged batch results the feature their batch was submitted with: one row per such result.
INSERT INTO llmcost.llm_calls SELECT * FROM llmcost.batch_results_inherited
