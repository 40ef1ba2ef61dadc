-- Grain: one row per day of [{since:DateTime64(3)}, {until:DateTime64(3)}), provider and model (without the date some
-- ids end in): what was recorded, what the provider says, and why they likely differ. Only providers of whom anything
-- was imported. The row without a model holds tools and fees. ours_usd is contracted where a contract is configured;
-- theirs_usd is NULL where their costs were not imported, theirs_tokens where their usage was not.
-- Source: calls, invoice_lines.
CREATE OR REPLACE VIEW llmcost.reconciliation_between ${on_cluster} AS
SELECT
    day, provider, model,
    arraySort(arrayDistinct(arrayFlatten(groupArray(s.ours)))) AS our_models,
    sum(s.calls) AS calls,
    sum(s.unpriced) AS unpriced_calls,
    sum(s.partial) AS partial_calls,
    sum(s.list_usd) AS ours_list_usd,
    sum(s.own_usd) AS ours_usd,
    sum(s.their_usd) AS theirs_usd,
    sum(s.their_list_usd) AS theirs_list_usd,
    sum(s.own_tokens) AS ours_tokens,
    sum(s.their_tokens) AS theirs_tokens,
    theirs_usd - ifNull(ours_usd, 0) AS difference_usd,
    toFloat64(ours_tokens) / nullIf(toFloat64(theirs_tokens), 0) AS captured,
    abs(difference_usd) <= greatest(toDecimal128('0.01', 12), abs(theirs_usd) / 1000) AS agrees,
    multiIf(
        captured IS NOT NULL AND (captured < 0.999 OR captured > 1.001), NULL,
        toFloat64(theirs_usd) / nullIf(toFloat64(if(theirs_list_usd IS NOT NULL, theirs_list_usd, if(captured IS NULL, NULL, ours_list_usd))), 0)) AS paid_share,
    multiIf(
        theirs_usd IS NULL, 'their costs of this day were not imported',
        agrees, 'agrees',
        model = '', 'fees that calls do not show: tools, storage, seats',
        calls = 0, 'no call of this model was recorded: another process, API key or account',
        unpriced_calls > 0 AND difference_usd > 0, concat(toString(unpriced_calls), ' calls have no known cost'),
        captured < 0.999, concat('only ', toString(round(captured * 100, 1)), ' % of their tokens were recorded: a process without otel-llmcost, or lost records'),
        captured > 1.001, 'more tokens than theirs: another account, or calls near midnight',
        theirs_list_usd IS NOT NULL AND theirs_usd < theirs_list_usd, concat('a discount of ', toString(round((1 - paid_share) * 100, 1)), ' %'),
        captured IS NOT NULL AND difference_usd < 0, concat('a discount of ', toString(round((1 - paid_share) * 100, 1)), ' %, or a price below the price book'),
        captured IS NOT NULL, 'a price above the price book: check tier, region and dates',
        partial_calls > 0 AND difference_usd > 0, concat(toString(partial_calls), ' streams ended before they reported their usage'),
        difference_usd < 0, 'a discount, or calls that another account pays: import their usage to find out',
        'missing calls, or another price: import their usage to find out') AS likely_cause
FROM
(
    WITH replaceRegexpOne(toString(c.model), '-(20\\d{6}|20\\d{2}-\\d{2}-\\d{2})\\z', '') AS name
    SELECT
        toDate(c.ts) AS day, toString(c.provider) AS provider, if(part.1 = 'tools', '', name) AS model,
        groupUniqArrayIf(toString(c.model), part.1 = 'tokens') AS ours,
        countIf(part.1 = 'tokens') AS calls,
        countIf(part.1 = 'tokens' AND c.cost_usd IS NULL) AS unpriced,
        countIf(part.1 = 'tokens' AND c.cost_status = 'partial') AS partial,
        sum(part.2) AS list_usd,
        sum(part.3) AS own_usd,
        CAST(NULL, 'Nullable(Decimal(38, 12))') AS their_usd,
        CAST(NULL, 'Nullable(Decimal(38, 12))') AS their_list_usd,
        sumIf(c.input_tokens + c.output_tokens, part.1 = 'tokens') AS own_tokens,
        CAST(NULL, 'Nullable(Decimal(38, 6))') AS their_tokens
    FROM llmcost.calls AS c
    ARRAY JOIN [
        ('tokens', toDecimal128(c.cost_usd - ifNull(c.cost_tools_usd, 0), 12), toDecimal128(ifNull(c.contracted_cost_usd, c.cost_usd) - ifNull(c.cost_tools_usd, 0), 12)),
        ('tools', toDecimal128(c.cost_tools_usd, 12), toDecimal128(c.cost_tools_usd, 12))] AS part
    WHERE c.ts >= {since:DateTime64(3)} AND c.ts < {until:DateTime64(3)}
        AND (part.1 = 'tokens' OR c.cost_tools_usd > 0)
        AND c.provider IN (SELECT provider FROM llmcost_internal.invoice_lines WHERE day >= toDate({since:DateTime64(3)}) AND day < toDate({until:DateTime64(3)}))
    GROUP BY day, provider, model
    UNION ALL
    SELECT
        i.day, toString(i.provider), replaceRegexpOne(i.model, '-(20\\d{6}|20\\d{2}-\\d{2}-\\d{2})\\z', '') AS model,
        [], 0, 0, 0, NULL, NULL,
        sumIf(i.amount_usd, i.kind = 'cost'),
        sumIf(i.list_amount_usd, i.kind = 'cost'),
        0,
        sumIf(i.quantity, i.kind = 'usage' AND match(toString(i.bucket), '^(input|output|cache_)'))
    FROM llmcost_internal.invoice_lines AS i
    WHERE i.day >= toDate({since:DateTime64(3)}) AND i.day < toDate({until:DateTime64(3)})
    GROUP BY i.day, i.provider, model
) AS s
GROUP BY day, provider, model
