-- Grain: one row per day and what a price depends on: how long prompts and answers are, what was paid for nothing (`wasted`:
-- failed, abandoned), whether somebody waited; of calls at a quiet hour nobody may have, so those have the hour of the day.
-- Hours from {since:DateTime64(3)} to {until:DateTime64(3)}.
-- Source: lever_hours.
CREATE OR REPLACE VIEW llmcost.term_days ${on_cluster} AS
SELECT
    toDate(hour) AS day, environment, feature, provider, model, mode, geo, prompt_class, short_answer,
    if(outcome IN ('failed', 'abandoned'), toString(outcome), '') AS wasted, waiting,
    if(waiting = 'unstreamed', toHour(hour), 0) AS hour_of_day,
    sum(h.calls) AS calls, sum(h.cost_usd) AS cost_usd,
    sum(h.input) AS input, sum(h.cache_read) AS cache_read, sum(h.cache_write_short) AS cache_write_short,
    sum(h.cache_write_long) AS cache_write_long, sum(h.output) AS output, sumMap(h.others) AS others
FROM llmcost.lever_hours AS h
WHERE hour >= toStartOfHour({since:DateTime64(3)}) AND hour < {until:DateTime64(3)}
GROUP BY day, environment, feature, provider, model, mode, geo, prompt_class, short_answer, wasted, waiting, hour_of_day
