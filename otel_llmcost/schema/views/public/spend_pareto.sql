-- Grain: one row per feature, model and call site of the trailing 30 days; in_top_80 marks the fewest rows
-- that make 80 % of the spend.
-- Source: hourly_spend. Rows without any priced call are left out.
CREATE OR REPLACE VIEW llmcost.spend_pareto ${on_cluster} AS
SELECT
    feature,
    model,
    call_site,
    calls,
    cost_usd,
    toFloat64(cost_usd) / nullIf(toFloat64(sum(cost_usd) OVER ()), 0) AS cost_share,
    toFloat64(sum(cost_usd) OVER running) / nullIf(toFloat64(sum(cost_usd) OVER ()), 0) AS cumulative_share,
    calls / sum(calls) OVER () AS call_share,
    ifNull(cumulative_share - cost_share < 0.8, false) AS in_top_80
FROM
(
    SELECT s.feature AS feature, s.model AS model, s.call_site AS call_site, sum(s.calls) AS calls, sum(s.cost_usd) AS cost_usd
    FROM llmcost.hourly_spend AS s
    WHERE s.hour >= toStartOfHour(now()) - INTERVAL 30 DAY
    GROUP BY feature, model, call_site
    HAVING cost_usd IS NOT NULL
)
WINDOW running AS (ORDER BY cost_usd DESC, feature, model, call_site ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)
ORDER BY cost_usd DESC, feature, model, call_site
