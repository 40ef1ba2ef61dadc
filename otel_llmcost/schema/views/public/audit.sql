-- Grain: one row per change that a person made on the page, on the command line or by a reply to the webhook: budgets,
-- acknowledgements of incidents, decisions on savings. `before` and `after` are JSON. Rows are written first: a change that
-- then failed has one too.
-- Source: audit_log.
CREATE OR REPLACE VIEW llmcost.audit ${on_cluster} AS
SELECT changed_at, changed_by, origin, action, subject, before, after, change_id
FROM llmcost.audit_log FINAL
