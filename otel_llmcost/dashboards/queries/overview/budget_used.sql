-- One row: the budget that is used up most. NULL without budgets.
SELECT if(count() = 0, NULL, toNullable(max(used_share))) AS used_share
FROM llmcost.budget_status
WHERE period != 'call'
