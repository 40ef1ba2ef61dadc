-- Grain: one row per provider and model that the current price book sells: what a candidate is called. At its home
-- provider (anthropic or openai where they sell it) a model goes by its own name; elsewhere by `provider/model`, so a
-- name stands for one seller.
-- Source: rates.
CREATE OR REPLACE VIEW llmcost.candidate_models ${on_cluster} AS
SELECT
    seller AS provider, model,
    if(seller = argMin(seller, (seller NOT IN (${first_parties}), seller)) OVER (PARTITION BY model), model, concat(seller, '/', model)) AS candidate_model
FROM
(
    SELECT DISTINCT toString(provider) AS seller, model
    FROM llmcost.rates
    WHERE bucket = 'model' AND candidate = 0
        AND book_version = (SELECT argMax(book_version, loaded_at) FROM llmcost.rates WHERE candidate = 0)
)
