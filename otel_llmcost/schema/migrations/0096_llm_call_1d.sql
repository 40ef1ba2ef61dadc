-- Grain: as before, with the twenty dearest calls and the twenty with the longest prompts of each group.
-- Source: view call_days_rebuilt.
ALTER TABLE llmcost.llm_call_1d ${on_cluster}
    ADD COLUMN IF NOT EXISTS dearest Array(Tuple(cost_usd Decimal(18, 12), ts DateTime64(3, 'UTC'), record_id String)) CODEC(ZSTD(1)) AFTER ttft_sketch,
    ADD COLUMN IF NOT EXISTS longest Array(Tuple(input_tokens UInt64, ts DateTime64(3, 'UTC'), record_id String)) CODEC(ZSTD(1)) AFTER dearest
