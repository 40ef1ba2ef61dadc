-- Stage one day: its rows of llm_calls whose cost changes, with a version that wins over all earlier ones.
INSERT INTO llmcost.llm_calls_repriced
SELECT * EXCEPT (foreign, is_priced, change, new_cost_usd, new_input_usd, new_cache_read_usd, new_cache_write_usd, new_output_usd, new_tools_usd, new_contracted_usd, new_context, new_reason, new_version, new_status)
    REPLACE (
        new_cost_usd AS cost_usd,
        new_input_usd AS cost_input_usd,
        new_cache_read_usd AS cost_cache_read_usd,
        new_cache_write_usd AS cost_cache_write_usd,
        new_output_usd AS cost_output_usd,
        new_tools_usd AS cost_tools_usd,
        new_contracted_usd AS contracted_cost_usd,
        if(price_context = '' AND new_context != 'long', price_context, new_context) AS price_context,
        new_status.1 AS cost_status,
        new_status.2 AS cost_reason,
        new_version AS price_version,
        now64(3) AS ingested_at,
        bitShiftLeft(toUInt64(3 + {reprice_id:UInt32}), 32) + bitAnd(version, 4294967295) AS version)
FROM llmcost_internal.repriced(book = {book:String}, since = {since:DateTime64(3)}, until = {until:DateTime64(3)})
WHERE change IN ('changed', 'newly_priced')
