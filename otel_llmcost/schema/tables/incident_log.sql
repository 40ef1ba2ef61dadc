-- Grain: one row per incident: all that is unusual of one feature in one environment, until 24 hours have been quiet.
-- Source: anomaly_log, by `otel-llmcost serve` and `otel-llmcost watch` after every detection; the newest logged_at
-- counts. Retention: ${rollup_ttl_days} days.
CREATE TABLE IF NOT EXISTS llmcost.incident_log ${on_cluster}
(
    incident_id String COMMENT 'the anomaly_id of its first line',
    environment LowCardinality(String),
    feature LowCardinality(String),
    started_at DateTime('UTC'),
    detected_at DateTime64(3, 'UTC'),
    last_seen_at DateTime64(3, 'UTC') COMMENT 'when it last cost more than usual',
    level LowCardinality(String) COMMENT 'report, or digest: for the daily digest only',
    kinds Array(LowCardinality(String)) COMMENT 'the most expensive first',
    anomaly_ids Array(String) COMMENT 'its lines',
    seen_hours Array(DateTime('UTC')) COMMENT 'hours in which it went on',
    cause LowCardinality(String),
    evidence String COMMENT 'of its most expensive line',
    model LowCardinality(String),
    service_version LowCardinality(String),
    version_since Nullable(DateTime('UTC')) COMMENT 'first call of that version',
    calls UInt64,
    expected Nullable(Float64),
    actual Nullable(Float64),
    unit LowCardinality(String),
    excess_usd Nullable(Decimal(38, 12)),
    excess_usd_per_day Nullable(Decimal(38, 12)),
    share_of_feature Nullable(Float64),
    share_of_bill Nullable(Float64),
    parts Map(LowCardinality(String), Decimal(38, 12)) COMMENT 'of excess_usd: they add up to it',
    users UInt64,
    sessions UInt64,
    call_sites Array(String) COMMENT 'five at most, the most frequent first',
    details_at DateTime('UTC') COMMENT 'when users, sessions, call_sites and version_since were last counted',
    worst_record_id String,
    worst_trace_id String,
    expected_by String COMMENT 'the incident whose acknowledgement as expected covers this one; else empty',
    reports UInt32 COMMENT 'how often it was reported',
    report_reason LowCardinality(String) COMMENT 'of the last one: new, grown, joined or over',
    reported_at Nullable(DateTime('UTC')),
    reported_usd Nullable(Decimal(38, 12)) COMMENT 'excess_usd that was last reported',
    reported_kinds Array(LowCardinality(String)),
    logged_at DateTime64(3, 'UTC') DEFAULT now64(3)
)
ENGINE = ${replicated}ReplacingMergeTree(logged_at)
PARTITION BY toYYYYMM(detected_at)
ORDER BY incident_id
TTL toDateTime(detected_at) + INTERVAL ${rollup_ttl_days} DAY
SETTINGS ttl_only_drop_parts = 1, ${dedup_window}
