-- The first call of a version of a feature: one row; NULL when the feature has been seen with no other before, so that
-- nothing says when it began. Its first hour, or the one before it, has the call. Source: feature_hours, calls.
WITH
(
    SELECT if(minIf(hour, service_version = {version:String}) > min(hour), minIf(hour, service_version = {version:String}), NULL)
    FROM llmcost.feature_hours
    WHERE environment = {environment:String} AND feature = {feature:String} AND hour <= {now:DateTime('UTC')}
) AS seen
SELECT minOrNull(c.ts) AS version_since
FROM llmcost.calls AS c
WHERE c.ts >= seen - INTERVAL 1 HOUR AND c.ts < seen + INTERVAL 1 HOUR
    AND c.environment = {environment:String} AND c.feature = {feature:String} AND c.service_version = {version:String}
