-- When the first call of a window was, to the hour, and what the window cost; reports/savings.py puts conditions between the
-- markers. Source: hourly_spend.
SELECT minOrNull(hour) AS first_hour, sum(s.cost_usd) AS cost_usd
FROM llmcost.hourly_spend AS s
WHERE hour >= {since:DateTime64(3, 'UTC')} AND hour < {until:DateTime64(3, 'UTC')}
    AND ({environment:String} = '' OR environment = {environment:String})
    AND /* only */ 1 /* only */
