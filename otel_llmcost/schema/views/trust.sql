-- Grain: one row per day, environment and service: how complete its figures are. Rejects that name no service
-- have a row of their own, with empty environment and service.
-- Source: llm_calls, calls, duplicate_calls, rejected. records = all that arrived, calls = those that count;
-- double_counted_by = other emitters that told replies which are counted already (see duplicate_calls);
-- lost_records = gaps in the sequence numbers of our processes (record_id = 16 hex process + 16 hex number);
-- early_records = begun more than five minutes after they arrived: a clock ahead; late_records = arrived more than
-- a day after they ended (batches excepted). Both are stored and counted where their own time says.
CREATE OR REPLACE VIEW llmcost.trust ${on_cluster} AS
WITH
    arrived AS
    (
        SELECT
            toDate(c.ts) AS day, c.environment AS environment, c.service AS service,
            count() AS records,
            countIf(c.source != 'otel_llmcost') AS foreign_records,
            groupUniqArrayIf(toString(c.source), (toStartOfHour(c.ts), c.record_id) IN
                (SELECT toStartOfHour(ts), record_id FROM llmcost.duplicate_calls)) AS double_counted_by,
            max(dateDiff('millisecond', c.ts, c.ingested_at) - c.duration_ms) / 1000 AS max_lag_s,
            countIf(c.ts > c.ingested_at + INTERVAL 5 MINUTE) AS early_records,
            countIf(c.batch_id = '' AND dateDiff('second', c.ts, c.ingested_at) - c.duration_ms / 1000 > 86400) AS late_records
        FROM llmcost.llm_calls AS c FINAL
        GROUP BY day, environment, service
    ),
    counted AS
    (
        SELECT
            toDate(c.ts) AS day, c.environment AS environment, c.service AS service,
            count() AS calls,
            countIf(c.cost_usd IS NOT NULL) AS priced_calls,
            countIf(c.cost_usd IS NULL) AS unpriced_calls,
            countIf(c.cost_status = 'partial') AS partial_calls,
            countIf(c.feature_source = 'tag') AS tagged_calls
        FROM llmcost.calls AS c
        GROUP BY day, environment, service
    ),
    sequences AS
    (
        SELECT
            toDate(c.ts) AS day, c.environment AS environment, c.service AS service,
            substring(c.record_id, 1, 16) AS process,
            count() AS seen,
            max(reinterpretAsUInt64(reverse(unhex(substring(c.record_id, 17, 16))))) AS newest
        FROM llmcost.llm_calls AS c FINAL
        WHERE c.source = 'otel_llmcost' AND match(c.record_id, '^[0-9a-f]{32}\\z')
        GROUP BY day, environment, service, process
    ),
    losses AS
    (
        SELECT day, environment, service, sum(lost) AS lost_records
        FROM
        (
            SELECT
                day, environment, service,
                greatest(toInt64(newest) - toInt64(lagInFrame(newest, 1, 0) OVER process_days) - toInt64(seen), 0) AS lost
            FROM sequences
            WINDOW process_days AS (PARTITION BY process ORDER BY day, environment, service ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING)
        )
        GROUP BY day, environment, service
    ),
    refused AS
    (
        SELECT toDate(r.ts) AS day, r.environment AS environment, r.service AS service, sum(greatest(r.records, 1)) AS rejected
        FROM llmcost.rejected AS r
        GROUP BY day, environment, service
    )
SELECT
    day, environment, service,
    sum(p.records) AS records,
    sum(p.calls) AS calls,
    sum(p.priced_calls) / nullIf(calls, 0) AS priced_share,
    sum(p.tagged_calls) / nullIf(calls, 0) AS tagged_share,
    sum(p.unpriced_calls) AS unpriced_calls,
    sum(p.partial_calls) AS partial_calls,
    sum(p.lost_records) AS lost_records,
    records - calls AS duplicate_records,
    sum(p.foreign_records) AS foreign_records,
    max(p.max_lag_s) AS max_lag_s,
    sum(p.rejected) AS rejected,
    arraySort(arrayDistinct(arrayFlatten(groupArray(p.double_counted_by)))) AS double_counted_by,
    sum(p.early_records) AS early_records,
    sum(p.late_records) AS late_records
FROM
(
    SELECT day, environment, service, records, 0 AS calls, 0 AS priced_calls, 0 AS tagged_calls, 0 AS unpriced_calls,
        0 AS partial_calls, 0 AS lost_records, foreign_records, CAST(max_lag_s, 'Nullable(Float64)') AS max_lag_s, 0 AS rejected,
        double_counted_by, early_records, late_records
    FROM arrived
    UNION ALL
    SELECT day, environment, service, 0, calls, priced_calls, tagged_calls, unpriced_calls, partial_calls, 0, 0, NULL, 0, [], 0, 0
    FROM counted
    UNION ALL
    SELECT day, environment, service, 0, 0, 0, 0, 0, 0, lost_records, 0, NULL, 0, [], 0, 0
    FROM losses
    UNION ALL
    SELECT day, environment, service, 0, 0, 0, 0, 0, 0, 0, 0, NULL, rejected, [], 0, 0
    FROM refused
) AS p
GROUP BY day, environment, service
