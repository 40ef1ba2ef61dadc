-- Grain: $grain Computed from the records themselves.
-- Source: $source Read $rollup instead: it takes from here only what is not rolled up yet.
CREATE OR REPLACE VIEW llmcost_internal.${rollup}__live ${on_cluster} AS
$select
