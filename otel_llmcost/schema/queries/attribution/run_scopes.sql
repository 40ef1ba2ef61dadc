-- How often each feature ran in one run of a program: one row per feature all of whose calls know their scope.
SELECT feature, uniqExact(scope_id) AS runs
FROM llmcost.calls
WHERE ts >= {since:DateTime64(3)} AND ts < {until:DateTime64(3)} AND service = {service:String}
GROUP BY feature
HAVING countIf(scope_id = '') = 0
ORDER BY feature
