-- Grain: as before. Days that were rolled up without these columns are rolled up again; no store has days yet whose calls
-- have left it.
-- Source: view call_days_rebuilt.
TRUNCATE TABLE llmcost.llm_call_1d ${on_cluster}
