-- Grain: as before.
-- Source: as before. With what was made of it: incidents say what the view token_spikes did.
DROP TABLE IF EXISTS llmcost.refresh_token_hours, llmcost.token_spikes, llmcost.token_spikes_between,
    llmcost_internal.token_hours, llmcost_internal.token_hours__live, llmcost_internal.token_hours__builds,
    llmcost.token_hours__rows ${on_cluster} SYNC
