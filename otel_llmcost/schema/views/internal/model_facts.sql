-- Grain: one row per group of models: the next cheaper tier of the family, and the shortest prefix in tokens that
-- its provider caches (pricing rule anthropic 5: 512 to 4,096; openai 2: 1,024). The first row whose pattern matches counts.
-- Source: written here. next_tier is empty where a family has no cheaper tier.
CREATE OR REPLACE VIEW llmcost_internal.model_facts ${on_cluster} AS
SELECT number, pattern, next_tier, cache_minimum
FROM values('number UInt8, pattern String, next_tier String, cache_minimum UInt32',
    (1, '^claude-(fable|mythos)-', 'claude-opus-5-5', 512),
    (2, '^claude-opus-5(-5)?\\z', 'claude-sonnet-5-5', 512),
    (3, '^claude-opus-4-[56]', 'claude-sonnet-5-5', 4096),
    (4, '^claude-opus-4-7', 'claude-sonnet-5-5', 2048),
    (5, '^claude-(opus-|3-opus)', 'claude-sonnet-5-5', 1024),
    (6, '^claude-sonnet-5-5\\z', 'claude-haiku-5-5', 512),
    (7, '^claude-(sonnet-|3-[57]-sonnet)', 'claude-haiku-5-5', 1024),
    (8, '^claude-haiku-5-5\\z', '', 512),
    (9, '^claude-haiku-4-5', 'claude-haiku-5-5', 4096),
    (10, '^claude-3(-5)?-haiku', 'claude-haiku-5-5', 2048),
    (20, '^gpt-6(\\.2)?-astra\\z', 'gpt-6.2-sol', 1024),
    (21, '^gpt-6(\\.[12])?-sol\\z', 'gpt-6.1-terra', 1024),
    (22, '^gpt-6\\.1-terra\\z', 'gpt-6-luna', 1024),
    (23, '^gpt-5\\.6(-sol)?\\z', 'gpt-5.6-terra', 1024),
    (24, '^gpt-5\\.6-terra\\z', 'gpt-5.6-luna', 1024),
    (25, '^gpt-5\\.[45](-2026-.*)?\\z', 'gpt-5.4-mini', 1024),
    (26, '^gpt-5\\.4-mini', 'gpt-5.4-nano', 1024),
    (27, '^gpt-5(\\.[123])?(-chat-latest|-2025-.*)?\\z', 'gpt-5-mini', 1024),
    (28, '^gpt-5-mini', 'gpt-5-nano', 1024),
    (29, '^gpt-4\\.1(-2025-.*)?\\z', 'gpt-4.1-mini', 1024),
    (30, '^gpt-4\\.1-mini', 'gpt-4.1-nano', 1024),
    (31, '^gpt-4o(-2024-.*)?\\z', 'gpt-4o-mini', 1024),
    (32, '^o[13](-202.-.*)?\\z', 'o4-mini', 1024),
    (33, '^(gpt|o\\d|chatgpt)', '', 1024))
