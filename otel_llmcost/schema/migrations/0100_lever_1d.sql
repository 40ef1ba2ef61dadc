-- Grain: one row per day, rebuild and every dimension of term_days, size_days, turn_days, repeat_days and free_days, told
-- apart by `side`: 'terms'; the sides of size_days; 'turn'; 'again'; 'free'. Plus one marker row (calls = 0, no side) per
-- rebuilt day. Only rows of a day's newest rebuild count.
-- Source: view lever_days_rebuilt, appended once a day is over and the levers of its hours are rolled up. Read it through
-- lever_days. Retention: ${calls_ttl_days} days.
CREATE TABLE IF NOT EXISTS llmcost.lever_1d ${on_cluster}
(
    day Date CODEC(Delta(2), ZSTD(1)),
    side LowCardinality(String) CODEC(ZSTD(1)),
    environment LowCardinality(String) CODEC(ZSTD(1)),
    feature LowCardinality(String) CODEC(ZSTD(1)),
    provider LowCardinality(String) CODEC(ZSTD(1)),
    model LowCardinality(String) CODEC(ZSTD(1)),
    mode LowCardinality(String) CODEC(ZSTD(1)),
    geo LowCardinality(String) CODEC(ZSTD(1)),
    prompt_class UInt8 CODEC(ZSTD(1)),
    calls UInt64 CODEC(T64, ZSTD(1)),
    cost_usd Decimal(38, 12) CODEC(ZSTD(1)),
    short_answer UInt8 COMMENT 'of terms' CODEC(ZSTD(1)),
    wasted LowCardinality(String) COMMENT 'of terms' CODEC(ZSTD(1)),
    waiting LowCardinality(String) COMMENT 'of terms' CODEC(ZSTD(1)),
    hour_of_day UInt8 COMMENT 'of terms' CODEC(ZSTD(1)),
    input Decimal(38, 6) COMMENT 'of terms' CODEC(ZSTD(1)),
    cache_read Decimal(38, 6) COMMENT 'of terms and turns' CODEC(ZSTD(1)),
    cache_write_short Decimal(38, 6) COMMENT 'of terms and turns' CODEC(ZSTD(1)),
    cache_write_long Decimal(38, 6) COMMENT 'of terms and turns' CODEC(ZSTD(1)),
    output Decimal(38, 6) COMMENT 'of terms' CODEC(ZSTD(1)),
    others Map(String, Decimal(38, 6)) COMMENT 'of terms and free' CODEC(ZSTD(1)),
    bound UInt64 COMMENT 'of sizes' CODEC(T64, ZSTD(1)),
    tokens UInt64 COMMENT 'of sizes' CODEC(T64, ZSTD(1)),
    cached_tokens UInt64 COMMENT 'of sizes' CODEC(T64, ZSTD(1)),
    prefix String COMMENT 'of turns' CODEC(ZSTD(1)),
    cache LowCardinality(String) COMMENT 'of turns' CODEC(ZSTD(1)),
    paid UInt8 COMMENT 'of turns' CODEC(ZSTD(1)),
    is_first UInt8 COMMENT 'of turns' CODEC(ZSTD(1)),
    gap UInt32 COMMENT 'of turns' CODEC(ZSTD(1)),
    cached_again UInt64 COMMENT 'of turns' CODEC(T64, ZSTD(1)),
    cached_min UInt64 COMMENT 'of turns' CODEC(T64, ZSTD(1)),
    prompt_min UInt64 COMMENT 'of turns' CODEC(T64, ZSTD(1)),
    first_ts DateTime64(3, 'UTC') COMMENT 'of turns' CODEC(Delta(8), ZSTD(1)),
    last_ts DateTime64(3, 'UTC') COMMENT 'of turns' CODEC(Delta(8), ZSTD(1)),
    asked_hour DateTime('UTC') COMMENT 'of again' CODEC(ZSTD(1)),
    within_hour_usd Decimal(38, 12) COMMENT 'of again' CODEC(ZSTD(1)),
    rebuilt_at DateTime64(3, 'UTC') CODEC(Delta(8), ZSTD(1))
)
ENGINE = ${replicated}MergeTree
PARTITION BY toYYYYMM(day)
ORDER BY (side, day, feature, model, environment, provider)
TTL day + INTERVAL ${calls_ttl_days} DAY
SETTINGS ttl_only_drop_parts = 1, ${dedup_window}
