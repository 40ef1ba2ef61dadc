-- Grain: one row per hour and every dimension of lever_groups (`side` is empty), one per hour and every dimension of
-- size_groups, and one marker row (calls = 0) per rebuilt hour. Only rows of an hour's newest rebuild count.
-- Source: view lever_hours_rebuilt, appended twice a minute for hours that are over. Retention: ${calls_ttl_days} days.
CREATE TABLE IF NOT EXISTS llmcost.lever_1h ${on_cluster}
(
    hour DateTime('UTC') CODEC(Delta(4), ZSTD(1)),
    environment LowCardinality(String) CODEC(ZSTD(1)),
    feature LowCardinality(String) CODEC(ZSTD(1)),
    provider LowCardinality(String) CODEC(ZSTD(1)),
    model LowCardinality(String) CODEC(ZSTD(1)),
    mode LowCardinality(String) CODEC(ZSTD(1)),
    geo LowCardinality(String) CODEC(ZSTD(1)),
    prompt_class UInt8 CODEC(ZSTD(1)),
    side LowCardinality(String) CODEC(ZSTD(1)),
    bound UInt64 CODEC(T64, ZSTD(1)),
    outcome LowCardinality(String) CODEC(ZSTD(1)),
    waiting LowCardinality(String) CODEC(ZSTD(1)),
    short_answer UInt8 CODEC(ZSTD(1)),
    cache LowCardinality(String) CODEC(ZSTD(1)),
    prefix String CODEC(ZSTD(1)),
    pause UInt16 CODEC(ZSTD(1)),
    calls UInt64 CODEC(T64, ZSTD(1)),
    cost_usd Decimal(38, 12) CODEC(ZSTD(1)),
    tokens UInt64 COMMENT 'of a size row' CODEC(T64, ZSTD(1)),
    cached_tokens UInt64 COMMENT 'of a size row' CODEC(T64, ZSTD(1)),
    input Decimal(38, 6) CODEC(ZSTD(1)),
    cache_read Decimal(38, 6) CODEC(ZSTD(1)),
    cache_write_short Decimal(38, 6) CODEC(ZSTD(1)),
    cache_write_long Decimal(38, 6) CODEC(ZSTD(1)),
    output Decimal(38, 6) CODEC(ZSTD(1)),
    others Map(String, Decimal(38, 6)) COMMENT 'every other bucket' CODEC(ZSTD(1)),
    prompt_min UInt64 CODEC(T64, ZSTD(1)),
    cached_min UInt64 CODEC(T64, ZSTD(1)),
    cached_again UInt64 CODEC(T64, ZSTD(1)),
    first_ts DateTime64(3, 'UTC') CODEC(Delta(8), ZSTD(1)),
    last_ts DateTime64(3, 'UTC') CODEC(Delta(8), ZSTD(1)),
    rebuilt_at DateTime64(3, 'UTC') CODEC(Delta(8), ZSTD(1))
)
ENGINE = ${replicated}MergeTree
PARTITION BY toYYYYMM(hour)
ORDER BY (side, hour, feature, model, environment, provider)
TTL hour + INTERVAL ${calls_ttl_days} DAY
SETTINGS ttl_only_drop_parts = 1, ${dedup_window}
