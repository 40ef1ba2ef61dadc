-- Grain: one row per rate of one price book version: provider, model, mode, context, bucket and interval.
-- Source: the package's price book with its billing rules applied, and the user's overlays, loaded at refresh.
-- Rows without a mode are facts of a model: bucket `model` (it is known), `long_context_threshold`, `geo:<place>`.
-- Only the newest book_version counts; a candidate is another book that `reprice` looks at. Retention: for ever.
CREATE TABLE IF NOT EXISTS llmcost.rates ${on_cluster}
(
    book_version LowCardinality(String),
    candidate UInt8 COMMENT '1 = never becomes the current book',
    provider LowCardinality(String),
    model String COMMENT 'exact id or `prefix:*`',
    mode LowCardinality(String),
    context LowCardinality(String) COMMENT 'short or long',
    bucket LowCardinality(String),
    valid_from DateTime('UTC') COMMENT 'included',
    valid_to DateTime('UTC') COMMENT 'excluded',
    cost_group LowCardinality(String),
    component LowCardinality(String),
    usd_per_unit Decimal(38, 24) COMMENT 'before multipliers',
    mode_multiplier Decimal(38, 24),
    product_usd Decimal(38, 24) COMMENT 'amount = quantity x product_usd x geography / divisor',
    divisor UInt16,
    contracted_usd Nullable(Decimal(38, 24)) COMMENT 'product_usd under the contract; NULL where it is silent',
    in_geography UInt8,
    in_prompt UInt8,
    whole_units UInt8,
    announced UInt8,
    rule LowCardinality(String),
    source LowCardinality(String),
    loaded_at DateTime64(3, 'UTC') DEFAULT now64(3)
)
ENGINE = ${replicated}ReplacingMergeTree(loaded_at)
ORDER BY (book_version, candidate, provider, model, mode, context, bucket, valid_from)
SETTINGS ${dedup_window}
