-- One row: days until the first budget is used up at today's rate. NULL when none will be before its period ends.
SELECT min(days_to_exhaustion) AS days
FROM llmcost.budget_status
