-- One row per service and version: its first call, when an older version of the service was at work in the range before.
SELECT first_call AS time, concat('Deploy: ', service, ' ', version) AS title, environment AS text, 'deploy' AS tags
FROM
(
    SELECT *, min(first_call) OVER (PARTITION BY environment, service) AS oldest
    FROM
    (
        SELECT environment, service, service_version AS version, min(ts) AS first_call
        FROM llmcost.llm_calls
        WHERE ${range} AND service_version != ''
            AND ${filters:environment,service}
        GROUP BY environment, service, version
    )
)
WHERE first_call > oldest
ORDER BY time, title
LIMIT 100
