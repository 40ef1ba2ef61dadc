-- Grain: one row per provider, account, kind, day, model, line and project of one import of what a provider says it
-- charged (kind cost) or counted (kind usage). Read it through invoice_lines: the newest import of a day counts.
-- Source: `otel-llmcost invoices import`. Retention: for ever.
CREATE TABLE IF NOT EXISTS llmcost.invoices ${on_cluster}
(
    provider LowCardinality(String),
    account String COMMENT 'as the user named it; empty for the only one',
    kind LowCardinality(String) COMMENT 'cost or usage',
    day Date COMMENT 'UTC, as the provider draws it',
    model String COMMENT 'empty for what belongs to no model',
    line String COMMENT 'line item, token type or tool, in the words of the provider',
    project String COMMENT 'project or workspace',
    bucket LowCardinality(String) COMMENT 'our name of the quantity; empty when it has none',
    amount_usd Nullable(Decimal(38, 12)) COMMENT 'after discounts; NULL for usage',
    list_amount_usd Nullable(Decimal(38, 12)) COMMENT 'before discounts, where the provider says it',
    quantity Nullable(Decimal(38, 6)),
    file String COMMENT 'name of the file it came from',
    imported_at DateTime64(6, 'UTC')
)
ENGINE = ${replicated}ReplacingMergeTree(imported_at)
ORDER BY (provider, account, kind, day, model, line, project, bucket)
SETTINGS ${dedup_window}
