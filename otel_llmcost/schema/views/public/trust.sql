-- Grain: one row per day, environment and service: how complete its figures are. Rejects that name no service
-- have a row of their own, with empty environment and service.
-- Source: daily_processes, rejected. records = all that arrived, calls = those that count;
-- double_counted_by = other emitters that reported replies which are counted already (see duplicate_calls);
-- lost_records = gaps in the sequence numbers of our processes (record_id = 16 hex process + 16 hex number);
-- early_records = begun more than five minutes after they arrived: a clock ahead; late_records = arrived more than
-- a day after they ended (batches excepted). Both are stored and counted where their own time says.
CREATE OR REPLACE VIEW llmcost.trust ${on_cluster} AS
WITH
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
    sum(p.lost) AS lost_records,
    records - calls AS duplicate_records,
    sum(p.foreign_records) AS foreign_records,
    max(p.max_lag_s) AS max_lag_s,
    sum(p.rejected) AS rejected,
    arraySort(arrayDistinct(arrayFlatten(groupArray(p.double_counted_by)))) AS double_counted_by,
    sum(p.early_records) AS early_records,
    sum(p.late_records) AS late_records
FROM
(
    SELECT
        day, environment, service, records, calls, priced_calls, tagged_calls, unpriced_calls, partial_calls,
        if(process = '', 0, greatest(toInt64(newest) - toInt64(lagInFrame(newest, 1, 0) OVER daily_processes) - toInt64(records), 0)) AS lost,
        foreign_records, max_lag_s, 0 AS rejected, double_counted_by, early_records, late_records
    FROM llmcost_internal.daily_processes(since = '1970-01-02', until = '2100-01-01')
    WINDOW daily_processes AS (PARTITION BY process ORDER BY day, environment, service ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING)
    UNION ALL
    SELECT day, environment, service, 0, 0, 0, 0, 0, 0, 0, 0, NULL, rejected, [], 0, 0
    FROM refused
) AS p
GROUP BY day, environment, service
