-- Grain: one row per environment, feature, provider, model and lever: what calls that started from {since:DateTime64(3)} to
-- {until:DateTime64(3)}, in whole hours, cost and had cost with the lever pulled. Every figure is a replay of these calls
-- through the current price book, never a percentage of spend. {candidate:String} and {share:Float64}: see levers_replayed_between;
-- '' and 0 for the usual ones. saving_usd is what the assumption makes it, saving_low_usd what it is at the least.
-- `in_plan` marks the best lever of each feature and model for its answered calls, and those for calls paid for nothing:
-- no call is in two of them, so the plan's sum counts no dollar twice. Only priced calls that bill one model are in it.
-- Source: levers_replayed_between, levers_cached_between, levers_sized_between, levers_repeated_between.
CREATE OR REPLACE VIEW llmcost.savings_between ${on_cluster} AS
SELECT
    environment, feature, provider, model, lever, calls, cost_usd, cost_after_usd,
    least(found.saving_low_usd, saving_usd) AS saving_low_usd,
    cost_usd - cost_after_usd AS saving_usd,
    change,
    transform(lever,
        ['batch', 'flex', 'standard_tier', 'global_endpoint', 'cheaper_model',
         'prompt_cache', 'prompt_cache_long', 'cache_ttl', 'unread_writes', 'stable_prefix',
         'cap_output', 'reasoning_effort', 'oversized_prompts', 'growing_history',
         'duplicate_requests', 'abandoned_streams', 'failed_calls'],
        ['No one waits: deferrable, without user or session, slow, of a bulk run, or at a quiet hour. At least: the first two.',
         'No one waits, as for batch; flex may be slow or refused.',
         'Calls that were not streamed do not need the faster tier. At least: those no one waits for.',
         'Data may leave the region.',
         if({share:Float64} > 0, 'This share of the calls does as well on the cheaper model.', 'Calls that answered in at most 256 tokens do as well on the cheaper model.'),
         'The prefix is as long as the shortest prompt with it. At least: as long as what was cached of it.',
         'The prefix is as long as the shortest prompt with it, and kept for the long time. At least: as long as what was cached of it.',
         'The same calls at the same times, cached for the other time.',
         'What no call read in this time need not be written.',
         'Prompts that were cached once each can begin with the same text, as long as the shortest of them.',
         'Answers stop at the p99 of those that finished. At least: at the longest that finished, which cuts none of them.',
         'Reasoning past the median of the feature is not needed.',
         'Prompts over twice the median of the feature do with the median.',
         'A conversation does with twice its first prompt.',
         'The same request within a day could have been answered from a cache. At least: within an hour.',
         'Streams that were not read to the end need not have been started.',
         'Replies that ended in an error were paid for nothing.'], '') AS assumption,
    confidence,
    lever IN ('cheaper_model', 'reasoning_effort', 'oversized_prompts', 'growing_history')
        OR lever = 'cap_output' AND confidence != 'exact' AS needs_quality_check,
    row_number() OVER (PARTITION BY environment, feature, provider, model,
        if(lever IN ('abandoned_streams', 'failed_calls'), lever, '') ORDER BY saving_usd DESC, lever) = 1 AS in_plan
FROM
(
    SELECT environment, feature, provider, model, lever, calls, cost_usd, cost_after_usd, saving_low_usd, confidence, change
    FROM llmcost_internal.levers_replayed_between(since = {since:DateTime64(3)}, until = {until:DateTime64(3)},
        candidate = {candidate:String}, share = {share:Float64})
    UNION ALL
    SELECT environment, feature, provider, model, lever, calls, cost_usd, cost_after_usd, saving_low_usd, confidence, change
    FROM llmcost_internal.levers_cached_between(since = {since:DateTime64(3)}, until = {until:DateTime64(3)})
    UNION ALL
    SELECT environment, feature, provider, model, lever, calls, cost_usd, cost_after_usd, saving_low_usd, confidence, change
    FROM llmcost_internal.levers_sized_between(since = {since:DateTime64(3)}, until = {until:DateTime64(3)})
    UNION ALL
    SELECT environment, feature, provider, model, lever, calls, cost_usd, cost_after_usd, saving_low_usd, confidence, change
    FROM llmcost_internal.levers_repeated_between(since = {since:DateTime64(3)}, until = {until:DateTime64(3)})
) AS found
WHERE cost_usd - cost_after_usd > 0
