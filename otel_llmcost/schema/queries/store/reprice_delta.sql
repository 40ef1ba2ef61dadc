-- What history would cost under another book: one row per model and feature whose cost is known or would be.
SELECT
    model,
    multiIf(feature != '', feature, workflow_name != '', workflow_name, agent_name != '', agent_name,
        call_site != '', splitByString(' (', call_site)[1], 'untagged') AS feature,
    count() AS records,
    countIf(change IN ('changed', 'newly_priced')) AS changed,
    countIf(change = 'newly_priced') AS newly_priced,
    countIf(change = 'kept') AS kept,
    countIf(change = 'still_unknown') AS still_unknown,
    sum(cost_usd) AS before_usd,
    -- A row that SQL cannot price keeps what it has.
    sum(if(change = 'kept', cost_usd, new_cost_usd)) AS after_usd,
    sum(contracted_cost_usd) AS contracted_before_usd,
    sum(if(change = 'kept', contracted_cost_usd, new_contracted_usd)) AS contracted_after_usd
FROM llmcost_internal.repriced(book = {book:String}, since = {since:DateTime64(3)}, until = {until:DateTime64(3)})
GROUP BY model, feature
ORDER BY abs(ifNull(after_usd, 0) - ifNull(before_usd, 0)) DESC, model, feature
