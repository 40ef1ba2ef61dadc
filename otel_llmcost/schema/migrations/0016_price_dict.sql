-- Grain: one entry per provider, model, component and interval of the newest price book.
-- Source: prices.
-- Half-open intervals become closed ones, one second shorter, as range dictionaries have them.
CREATE DICTIONARY IF NOT EXISTS llmcost.price_dict ${on_cluster}
(
    provider String,
    model String,
    component String,
    valid_from DateTime,
    valid_to DateTime,
    usd_per_unit Decimal(38, 24)
)
PRIMARY KEY provider, model, component
SOURCE(CLICKHOUSE(QUERY 'SELECT provider, model, component, valid_from, prices.valid_to - 1 AS valid_to, usd_per_unit FROM llmcost.prices FINAL WHERE book_version = (SELECT argMax(book_version, loaded_at) FROM llmcost.prices)'))
LAYOUT(COMPLEX_KEY_RANGE_HASHED(RANGE_LOOKUP_STRATEGY 'max'))
RANGE(MIN valid_from MAX valid_to)
LIFETIME(MIN 30 MAX 60)
