-- Share of calls whose feature was named by the app itself: one row. Source: calls.
SELECT countIf(feature_source = 'tag') / nullIf(count(), 0) AS tagged_share
FROM llmcost.calls
WHERE ts >= {since:DateTime64(3, 'UTC')}
    AND ts < {until:DateTime64(3, 'UTC')}
    AND ({environment:String} = '' OR environment = {environment:String})
    AND ({feature:String} = '' OR feature = {feature:String})
    AND ({model:String} = '' OR model = {model:String})
