-- Grain: one row per line of a provider's cost or usage export that counts: those of the newest import of its
-- provider, account, kind and day.
-- Source: invoices.
CREATE OR REPLACE VIEW llmcost_internal.invoice_lines ${on_cluster} AS
SELECT *
FROM llmcost.invoices AS i FINAL
WHERE (i.provider, i.account, i.kind, i.day, i.imported_at) IN
(
    SELECT provider, account, kind, day, max(imported_at)
    FROM llmcost.invoices
    GROUP BY provider, account, kind, day
)
