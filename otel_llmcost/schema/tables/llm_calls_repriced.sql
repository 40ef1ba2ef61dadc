-- Grain: one row per record of the day that `otel-llmcost reprice` is working on; empty otherwise.
-- Source: view repriced; a finished day is attached to llm_calls as a whole. Retention: none.
-- Shard: each its own
CREATE TABLE IF NOT EXISTS llmcost.llm_calls_repriced ${on_cluster} AS llmcost.llm_calls
