-- Grain: one row of lever_1d per group of the day that is due, plus its marker row. One day at a time keeps a pass short.
-- Source: term_days, size_days, turn_days, repeat_days, free_days, lever_days_due; Store.refresh_levers appends it to lever_1d.
CREATE OR REPLACE VIEW llmcost.lever_days_rebuilt ${on_cluster} AS
WITH toDateTime64(0, 3) AS none
SELECT
    day, 'terms' AS side, environment, feature, provider, model, mode, geo, prompt_class, calls, cost_usd,
    short_answer, wasted, waiting, hour_of_day, input, cache_read, cache_write_short, cache_write_long, output, others,
    0 AS bound, 0 AS tokens, 0 AS cached_tokens,
    '' AS prefix, '' AS cache, 0 AS paid, 0 AS is_first, 0 AS gap, 0 AS cached_again, 0 AS cached_min, 0 AS prompt_min,
    none AS first_ts, none AS last_ts, none AS asked_hour, 0 AS within_hour_usd, now64(3) AS rebuilt_at
FROM llmcost.term_days(since = '1970-01-02', until = '2100-01-01')
WHERE day IN (SELECT day FROM llmcost.lever_days_due)
UNION ALL
WITH toDateTime64(0, 3) AS none
SELECT
    day, side, environment, feature, provider, model, mode, geo, prompt_class, calls, cost_usd,
    0, '', '', 0, 0, 0, 0, 0, 0, map(),
    bound, tokens, cached_tokens,
    '', '', 0, 0, 0, 0, 0, 0,
    none, none, none, 0, now64(3)
FROM llmcost.size_days(since = '1970-01-02', until = '2100-01-01')
WHERE day IN (SELECT day FROM llmcost.lever_days_due)
UNION ALL
WITH toDateTime64(0, 3) AS none
SELECT
    day, 'turn', environment, feature, provider, model, mode, geo, prompt_class, calls, cost_usd,
    0, '', '', 0, 0, cache_read, cache_write_short, cache_write_long, 0, map(),
    0, 0, 0,
    prefix, cache, paid, is_first, gap, cached_again, cached_min, prompt_min,
    first_ts, last_ts, none, 0, now64(3)
FROM llmcost.turn_days(since = '1970-01-02', until = '2100-01-01')
WHERE day IN (SELECT day FROM llmcost.lever_days_due)
UNION ALL
WITH toDateTime64(0, 3) AS none
SELECT
    day, 'again', environment, feature, provider, model, '', '', 0, calls, cost_usd,
    0, '', '', 0, 0, 0, 0, 0, 0, map(),
    0, 0, 0,
    '', '', 0, 0, 0, 0, 0, 0,
    none, none, asked_hour, within_hour_usd, now64(3)
FROM llmcost.repeat_days(since = '1970-01-02', until = '2100-01-01', due = 1)
UNION ALL
WITH toDateTime64(0, 3) AS none
SELECT
    day, 'free', environment, feature, provider, model, mode, '', prompt_class, calls, 0,
    0, '', '', 0, 0, 0, 0, 0, 0, others,
    0, 0, 0,
    '', '', 0, 0, 0, 0, 0, 0,
    none, none, none, 0, now64(3)
FROM llmcost.free_days
WHERE day IN (SELECT day FROM llmcost.lever_days_due)
UNION ALL
WITH toDateTime64(0, 3) AS none
SELECT
    day, '', '', '', '', '', '', '', 0, 0, 0,
    0, '', '', 0, 0, 0, 0, 0, 0, map(),
    0, 0, 0,
    '', '', 0, 0, 0, 0, 0, 0,
    none, none, none, 0, now64(3)
FROM llmcost.lever_days_due
