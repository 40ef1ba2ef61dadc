-- Grain: one row per bucket of {step:UInt32} seconds, environment, service, feature, team, provider, model, requested model,
-- finish reason (or error, or abandoned), emitter, and whether the cost is known and why not, of the calls that
-- started in [{since:DateTime64(3)}, {until:DateTime64(3)}): how they went, and how late they arrived. Sketches are read
-- with quantilesDDMerge(0.005, 0.5, 0.95)(lag_sketch), which gives median and p95; no client reads them raw.
-- Source: with steps of a day (86400) finish_reason_days, else finish_reason_groups.
CREATE OR REPLACE VIEW llmcost.finish_reasons ${on_cluster} AS
SELECT toDateTime(day, 'UTC') AS time, *
FROM llmcost_internal.finish_reason_days(since = {since:DateTime64(3)}, until = if({step:UInt32} = 86400, {until:DateTime64(3)}, {since:DateTime64(3)}))
UNION ALL
SELECT *
FROM llmcost_internal.finish_reason_groups(since = {since:DateTime64(3)}, until = if({step:UInt32} = 86400, {since:DateTime64(3)}, {until:DateTime64(3)}), step = {step:UInt32})
