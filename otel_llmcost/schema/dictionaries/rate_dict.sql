-- Grain: one entry per rate of the current book (book = 'current') and of each candidate (its version).
-- Source: rates.
-- Half-open intervals become closed ones, one second shorter, as range dictionaries have them.
CREATE OR REPLACE DICTIONARY llmcost.rate_dict ${on_cluster}
(
    book String,
    provider String,
    model String,
    mode String,
    context String,
    bucket String,
    valid_from DateTime,
    valid_to DateTime,
    known UInt8 DEFAULT 0,
    cost_group String,
    usd_per_unit Decimal(38, 24),
    mode_multiplier Decimal(38, 24),
    product_usd Decimal(38, 24),
    divisor UInt16 DEFAULT 1,
    contracted_usd Nullable(Decimal(38, 24)),
    in_geography UInt8,
    whole_units UInt8,
    announced UInt8,
    rule String,
    source String,
    book_version String
)
PRIMARY KEY book, provider, model, mode, context, bucket
SOURCE(CLICKHOUSE(
    QUERY 'WITH (SELECT argMax(book_version, loaded_at) FROM llmcost.rates WHERE candidate = 0) AS newest SELECT if(candidate = 1, book_version, \'current\') AS book, provider, model, mode, context, bucket, valid_from, rates.valid_to - 1 AS valid_to, 1 AS known, cost_group, usd_per_unit, mode_multiplier, product_usd, divisor, contracted_usd, in_geography, whole_units, announced, rule, source, book_version FROM llmcost.rates FINAL WHERE candidate = 1 OR book_version = newest'
    INVALIDATE_QUERY 'SELECT max(loaded_at), count() FROM llmcost.rates'))
LAYOUT(COMPLEX_KEY_RANGE_HASHED(RANGE_LOOKUP_STRATEGY 'max'))
RANGE(MIN valid_from MAX valid_to)
LIFETIME(MIN 30 MAX 60)
