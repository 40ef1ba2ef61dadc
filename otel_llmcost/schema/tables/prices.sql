-- Grain: one row per provider, model, component and interval of one price book version.
-- Source: the package's price book and the user's overlays, loaded at refresh. Only the newest
-- book_version counts, so a withdrawn price goes with its book. Retention: for ever.
CREATE TABLE IF NOT EXISTS llmcost.prices ${on_cluster}
(
    provider LowCardinality(String),
    model String COMMENT 'exact id, `prefix:*` or `*`',
    component LowCardinality(String) COMMENT 'bucket with its mode and long prefix',
    usd_per_unit Decimal(38, 24),
    unit LowCardinality(String),
    valid_from DateTime('UTC') COMMENT 'included',
    valid_to DateTime('UTC') DEFAULT toDateTime('2100-01-01 00:00:00', 'UTC') COMMENT 'excluded',
    status LowCardinality(String) COMMENT 'actual, announced or promo',
    source String,
    book_version LowCardinality(String),
    loaded_at DateTime64(3, 'UTC') DEFAULT now64(3)
)
ENGINE = ${replicated}ReplacingMergeTree(loaded_at)
ORDER BY (book_version, provider, model, component, valid_from)
SETTINGS ${dedup_window}
