-- What the levers cannot see in a window: one row; reports/savings.py puts conditions between the markers. Each has_ is whether at least one call has it.
WITH here AS
(
    SELECT c.feature AS tag, c.request_fingerprint AS request_fingerprint, c.prefix_fingerprint AS prefix_fingerprint,
        c.attempts_unmetered AS attempts_unmetered, c.record_id AS record_id
    FROM llmcost.llm_calls AS c
    WHERE c.ts >= {since:DateTime64(3)} AND c.ts < {until:DateTime64(3)}
        AND ({environment:String} = '' OR c.environment = {environment:String})
        AND ({feature:String} = '' OR c.feature IN ({feature:String}, ''))
        AND ({model:String} = '' OR c.model = {model:String})
)
SELECT
    sum(s.calls) AS calls,
    sum(s.unpriced_calls) AS unpriced_calls,
    uniqExactIf(toDate(s.hour, {timezone:String}), s.calls > 0) AS days,
    (SELECT count() FROM (SELECT 1 FROM here WHERE tag != '' LIMIT 1)) AS has_tag,
    (SELECT count() FROM (SELECT 1 FROM here WHERE request_fingerprint != '' LIMIT 1)) AS has_request_fingerprint,
    (SELECT count() FROM (SELECT 1 FROM here WHERE prefix_fingerprint != '' LIMIT 1)) AS has_prefix_fingerprint,
    (SELECT uniqExact(record_id) FROM here WHERE attempts_unmetered > 0) AS calls_with_unmetered_attempts
FROM llmcost.spend_between(
    since = {since:DateTime64(3)}, until = {until:DateTime64(3)}, timezone = {timezone:String}) AS s
WHERE ({environment:String} = '' OR s.environment = {environment:String})
    AND ({feature:String} = '' OR s.feature = {feature:String})
    AND ({model:String} = '' OR s.model = {model:String})
    AND /* only */ 1 /* only */
