# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""What to do about an incident: one sentence for each cause, written once."""

from __future__ import annotations

_CAUSES = {
    "prompt": "See what the prompt carries now, such as history, documents or tool results, and "
    "cut it to what the answer needs.",
    "output": "Look at a reply: set max_tokens, or say in the prompt how long an answer may be.",
    "reasoning": "Lower the reasoning effort, or set a limit to its tokens.",
    "cache": "Find what changes at the start of the prompt, such as a time or the order of tools, "
    "and move it to the end.",
    "model": "Check whether the change of model was meant; else set the old one again.",
    "mode": "Check whether the change of service tier was meant; else set the old one again.",
    "price": "The provider or your price file changed a price: check it with "
    "`otel-llmcost price-book`.",
    "rates": "The provider or your price file changed a price: check it with "
    "`otel-llmcost price-book`.",
    "tools": "See which tools are called more often, and limit them.",
    "volume": "See who sends more calls; if it is more work of the same kind, acknowledge it as "
    "expected.",
    "loop": "Stop the trace that goes round, and limit the turns of the agent.",
    "retries": "See why requests fail or time out; a retry that is answered is paid again.",
    "repeats": "The same request is paid again and again: keep its answer.",
    "truncated": "Replies end at the token limit and are of no use: raise max_tokens, or require "
    "less.",
}
_KINDS = {
    "loop": "loop",
    "retry_storm": "retries",
    "duplicate_requests": "repeats",
    "truncation_surge": "truncated",
}
_OF_KIND = {
    "untagged_spend": "Put feature() around the code at the call site, so that its cost has an "
    "owner.",
    "new_feature": "If it was meant, set what it may spend: `otel-llmcost budgets set`.",
    "unpriced_model": "Add the price of the model to a price file of your own: "
    "`otel-llmcost price-book` shows what is known.",
}
_ELSE = "Open its most expensive call and compare it with one of before."


def advice(kind: str, cause: str) -> str:
    """The sentence for an incident of this main kind and cause."""
    if kind in _OF_KIND:
        return _OF_KIND[kind]
    return _CAUSES.get(_KINDS.get(kind, cause), _ELSE)
