-- An hour at 4x the norm of the 8 hours before it, one call at 5x in an ordinary hour, nothing else: a feature
-- with too few samples, one below 3x, and the ordinary hours are silent; the calls of the blown hour too.
INSERT INTO llmcost.llm_calls (ts, record_id, environment, feature, model, input_tokens, output_tokens, cost_usd, trace_id, source, version)
SELECT toStartOfHour(now()) - INTERVAL 20 HOUR + INTERVAL intDiv(number, 10) HOUR + INTERVAL number % 10 MINUTE, concat('a', toString(number)), 'prod', 'blown', 'm',
    if(number >= 80, 360, 90), if(number >= 80, 40, 10), if(number >= 80, 0.4, 0.1), 't', 'otel_llmcost', 1
FROM numbers(90);
INSERT INTO llmcost.llm_calls (ts, record_id, environment, feature, model, input_tokens, cost_usd, trace_id, source, version)
SELECT toStartOfHour(now()) - INTERVAL 20 HOUR + INTERVAL intDiv(number, 10) HOUR, concat('b', toString(number)), 'prod', 'single', 'm', if(number = 85, 500, 100), if(number = 85, NULL, 0.1), 'tb', 'otel_llmcost', 1
FROM numbers(90);
INSERT INTO llmcost.llm_calls (ts, record_id, environment, feature, model, input_tokens, source, version)
SELECT toStartOfHour(now()) - INTERVAL 20 HOUR + INTERVAL number HOUR, concat('c', toString(number)), 'prod', 'rare', 'm', if(number = 4, 9000, 100), 'otel_llmcost', 1
FROM numbers(5);
INSERT INTO llmcost.llm_calls (ts, record_id, environment, feature, model, input_tokens, source, version)
SELECT toStartOfHour(now()) - INTERVAL 20 HOUR + INTERVAL intDiv(number, 10) HOUR, concat('d', toString(number)), 'prod', 'below', 'm', if(number >= 80, 299, 100), 'otel_llmcost', 1
FROM numbers(90);
SELECT dateDiff('hour', toStartOfHour(now()) - INTERVAL 20 HOUR, detected_at), kind, environment, feature, model, calls, tokens_per_call, expected_tokens_per_call, ratio, cost_usd, excess_usd, worst_record_id, worst_trace_id
FROM llmcost.token_spikes ORDER BY kind, detected_at;
-- A new environment is held against what the feature normally uses elsewhere.
INSERT INTO llmcost.llm_calls (ts, record_id, environment, feature, model, input_tokens, source, version) VALUES (toStartOfHour(now()), 'e1', 'canary', 'single', 'm', 1000, 'otel_llmcost', 1);
SELECT kind, environment, feature, ratio, worst_record_id FROM llmcost.token_spikes WHERE environment = 'canary';
