-- Grain: spend_1h, by the name it had when spend_1h did not tell call sites apart.
-- Source: spend_1h.
CREATE OR REPLACE VIEW llmcost.spend_1h_by_site ${on_cluster} AS
SELECT *
FROM llmcost.spend_1h
