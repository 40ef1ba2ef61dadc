-- Why a report is empty: one row with what the filters match inside the window and at any time. Source: calls.
SELECT
    countIf(ts >= {since:DateTime64(3, 'UTC')} AND ts < {until:DateTime64(3, 'UTC')}) AS calls_in_window,
    count() AS calls_ever,
    min(ts) AS oldest,
    max(ts) AS newest,
    (SELECT count() > 0 FROM (SELECT 1 FROM llmcost.calls LIMIT 1)) AS store_has_calls
FROM llmcost.calls
WHERE ({environment:String} = '' OR environment = {environment:String})
    AND ({service:String} = '' OR service = {service:String})
    AND ({feature:String} = '' OR feature = {feature:String})
    AND ({model:String} = '' OR model = {model:String})
