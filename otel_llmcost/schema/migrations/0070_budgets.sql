-- Grain: unchanged; what applications that obey budgets (LLMCOST_BUDGETS=1) do when one is used up.
-- Source: `otel-llmcost budgets set --action`.
ALTER TABLE llmcost.budgets ${on_cluster}
    ADD COLUMN IF NOT EXISTS action LowCardinality(String) DEFAULT 'warn' COMMENT 'warn or block'
