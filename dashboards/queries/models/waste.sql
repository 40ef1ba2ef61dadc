-- One row: share of spend on calls that failed, were abandoned or were cut off at the token limit.
SELECT
    ifNull(toFloat64(sumIf(cost_usd,
        error_type != '' OR stream_outcome = 'abandoned' OR match(finish_reason, '(^|,)(max_tokens|length|max_output_tokens)(,|\\z)'))), 0)
    / nullIf(toFloat64(sum(cost_usd)), 0) AS wasted_share
FROM llmcost.calls
WHERE $__timeFilter(ts)
    AND ${filters}
