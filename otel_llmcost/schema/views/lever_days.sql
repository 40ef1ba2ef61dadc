-- Grain: one row of lever_1d that counts, of the whole days from {since:DateTime64(3)} to {until:DateTime64(3)}.
-- Source: lever_1d. lever_days_live has the other days.
CREATE OR REPLACE VIEW llmcost.lever_days ${on_cluster} AS
SELECT *
FROM llmcost.lever_1d
WHERE day >= toDate(toStartOfHour({since:DateTime64(3)}) + INTERVAL 86399 SECOND) AND day < toDate({until:DateTime64(3)})
    AND (day, rebuilt_at) IN (SELECT day, rebuilt_at FROM llmcost.lever_days_rolled)
