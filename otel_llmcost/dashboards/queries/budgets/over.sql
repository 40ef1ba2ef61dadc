-- One row: budgets that are used up. NULL without budgets.
SELECT nullIf(count(), 0) - countIf(state != 'exceeded') AS exceeded
FROM llmcost.budget_status
