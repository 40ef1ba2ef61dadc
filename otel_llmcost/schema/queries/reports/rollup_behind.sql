-- How many hours from {since:DateTime64(3)} to {until:DateTime64(3)} the rollup hourly_spend is behind their records, and when it was
-- last built, NULL when never: one row.
-- Source: stale_hours, rollup_builds.
SELECT
    count() AS hours,
    (SELECT maxOrNull(r.built_at) FROM llmcost.rollup_builds AS r WHERE r.rollup = 'hourly_spend') AS last_built
FROM llmcost_internal.stale_hours AS h
WHERE h.hour >= toStartOfHour({since:DateTime64(3)}) AND h.hour < {until:DateTime64(3)}
