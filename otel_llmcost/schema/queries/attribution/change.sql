-- Why spend changed from A to B: one row per feature, provider and model, the largest change first.
-- attribution/periods.py puts conditions between the markers.
SELECT *
FROM llmcost.change_between(
    a_since = {a_since:DateTime64(3)}, a_until = {a_until:DateTime64(3)},
    a_environment = {a_environment:String}, a_version = {a_version:String},
    b_since = {b_since:DateTime64(3)}, b_until = {b_until:DateTime64(3)},
    b_environment = {b_environment:String}, b_version = {b_version:String},
    service = {service:String}) AS c
WHERE ({feature:String} = '' OR c.feature = {feature:String})
    AND ({model:String} = '' OR c.model = {model:String})
    AND /* only */ 1 /* only */
ORDER BY abs(c.change_usd) DESC, feature, provider, model
