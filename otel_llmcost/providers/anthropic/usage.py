# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Usage of the Messages API, first-party and on the clouds, and Bedrock's Converse shape of it.

Input counts are exclusive here: uncached, read and written tokens are disjoint (anthropic 1).
Numbers in comments are those of docs/explanation/pricing-rules.md.
"""

from __future__ import annotations

from collections.abc import Iterable

from otel_llmcost.providers.bedrock.converse import has_unexplained_tokens, messages_usage
from otel_llmcost.providers.counts import ABOUT, COSTS
from otel_llmcost.providers.fields import (
    JSON,
    Unreadable,
    carries_unknown,
    count,
    mapping,
    non_zero,
    objects,
    part,
    parts,
    rest,
    text,
    within,
    word,
)
from otel_llmcost.providers.provider import UNKNOWN_SKU, Place, Provider
from otel_llmcost.usage import Charge, Quantity, Status, Usage

_TOKENS = ("input", "cache_read", "cache_write_5m", "cache_write_1h", "output")
_TIERS = {"standard": "standard", "default": "standard", "batch": "batch", "priority": "priority"}
_ATTEMPTS = frozenset({"message", "fallback_message"})
_ITERATIONS = _ATTEMPTS | {"compaction", "advisor_message"}
_FIELDS = frozenset(
    {"input_tokens", "output_tokens", "cache_read_input_tokens", "cache_creation_input_tokens"}
    | {"cache_creation", "output_tokens_details", "fallback_credit"}
    | {"server_tool_use", "iterations", *ABOUT, *COSTS}
)
_TOOL_FIELDS = frozenset(
    {"web_search_requests", "web_fetch_requests", "code_execution_requests", "tool_search_requests"}
)
_CODE_TOOLS = frozenset({"code_execution", "bash_code_execution", "text_editor_code_execution"})
_CODE_FREE_WITH = ("web_search_", "web_fetch_")
_CODE_FREE_SINCE = "20260209"


def read(provider: Provider, request: JSON, response: JSON) -> Usage:
    """Usage of a Messages or Converse reply; raises `Unreadable` where it cannot be priced."""
    client = mapping(request.get("client"))
    usage = mapping(response.get("usage"))
    unexplained = "inputTokens" in usage and has_unexplained_tokens(usage)
    if "inputTokens" in usage:
        usage = messages_usage(usage)
    stop = text(response.get("stop_reason")) or text(response.get("stopReason"))
    requested = text(request.get("model")) or text(request.get("modelId"))
    profile = text(client.get("inference_profile"))
    replied = text(response.get("model"))
    model = replied if provider.names_deployments else replied or profile or requested
    if usage.get("input_tokens") is None:
        raise Unreadable("no_usage")
    charges, status, reason = _charges(usage, response, model, stop)
    charges, status, reason = _with_tools(charges, status, reason, usage, request, response)
    if provider.refuse_unlisted_terms is not None:
        provider.refuse_unlisted_terms(request, response)
    mode, status, reason = _mode(usage, request, client, status, reason)
    if status == "priced" and (
        carries_unknown(usage, _FIELDS)
        or carries_unknown(part(usage, "server_tool_use"), _TOOL_FIELDS)
    ):
        status, reason = "estimated", "unknown_usage_field"
    if status == "priced" and unexplained:
        status, reason = "estimated", "unexplained_tokens"
    geo, assumed = _geo(provider, usage, client, requested, replied)
    if assumed and status == "priced":
        status, reason = "estimated", assumed
    totals = _totals(charges)
    written = totals["cache_write_5m"] + totals["cache_write_1h"]
    return Usage(
        provider=provider.name,
        model=replied or profile or requested,
        response_id=text(response.get("id")),
        finish_reasons=(stop,) if stop else (),
        input_tokens=totals["input"] + totals["cache_read"] + written,
        cache_read_tokens=totals["cache_read"],
        cache_write_tokens=written,
        cache_write_long_tokens=totals["cache_write_1h"],
        output_tokens=None if usage.get("output_tokens") is None else totals["output"],
        reasoning_tokens=_thinking(usage) if "output_tokens_details" in usage else None,
        charges=charges,
        mode=mode,
        geo=geo,
        status=status,
        reason=reason,
    )


def _thinking(usage: JSON) -> int | None:
    thinking = count(part(usage, "output_tokens_details"), "thinking_tokens")
    return within(thinking, count(usage, "output_tokens"))  # anthropic 13: a subset


def _charges(
    usage: JSON, response: JSON, model: str | None, stop: str | None
) -> tuple[tuple[Charge, ...], Status, str | None]:
    """anthropic 16: every attempt and side call is billed at its own model."""
    top = _buckets(usage)
    status: Status = "priced"
    reason = None
    if usage.get("output_tokens") is None:
        status, reason = "partial", "no_output_usage"  # anthropic 19: a dropped stream still costs
    elif top.split_is_guessed:
        status, reason = "estimated", "cache_ttl_split"
    declined = _declined(response, stop, top.buckets)
    iterations = parts(usage, "iterations") if "iterations" in usage else []
    if not iterations:  # nearly every reply
        return (Charge(model=model, buckets=top.buckets, declined=declined),), status, reason
    blocks = [b for b in objects(response.get("content")) if b.get("type") == "fallback"]
    answered = _who_answered(iterations, model)
    serving, others = _attempts(iterations, top, answered, blocks, declined)
    if any(text(entry.get("type")) not in _ITERATIONS for entry in iterations):
        status, reason = "estimated", "unknown_iteration"
    if any(entry.get("output_tokens") is None for entry in iterations):
        status, reason = "partial", "no_output_usage"
    return (
        (*_serving(top, serving, answered, declined, bool(blocks and others)), *others),
        status,
        reason,
    )


def _who_answered(iterations: list[JSON], model: str | None) -> str | None:
    """The model of the reply, which after a fallback its last attempt names."""
    for entry in iterations:
        if entry.get("type") == "fallback_message":
            return text(entry.get("model")) or model
    return model


def _attempts(
    iterations: list[JSON],
    top: _Buckets,
    model: str | None,
    blocks: list[JSON],
    declined: str | None,
) -> tuple[list[JSON], list[Charge]]:
    """Entries of the model that answered, and charges for everything else that ran."""
    tries = [e for e in iterations if text(e.get("type")) in _ATTEMPTS]
    if any(entry.get("input_tokens") is None for entry in iterations):
        raise Unreadable("no_usage")
    # Entries that add up to the totals are the reply's own, by whatever alias they name its model.
    all_serve = not blocks and _sums(_buckets(entry) for entry in tries) == _sums([top])
    serving: list[JSON] = []
    others: list[Charge] = []
    for entry in iterations:
        kind, own = text(entry.get("type")), text(entry.get("model"))
        attempt = kind in _ATTEMPTS
        if attempt and (all_serve or own in (None, model)):
            serving.append(entry)
            continue
        if kind not in _ITERATIONS and own is None:
            raise Unreadable("unknown_iteration")
        refused = _hop_category(entry, tries, blocks, declined) if attempt else None
        charge = Charge(model=own or model, buckets=_buckets(entry).buckets, declined=refused)
        others.append(charge)
    return serving, others


def _serving(
    top: _Buckets, entries: list[JSON], model: str | None, declined: str | None, handed_over: bool
) -> tuple[Charge, ...]:
    """The serving model's charges: its entries, or the top-level totals where they say the same.

    The totals carry the split of cache writes, which entries may lack. When every model declined,
    the totals repeat an attempt that is charged already.
    """
    if not entries and handed_over and declined is not None:
        return ()
    each = [_buckets(entry) for entry in entries]
    if not entries or _sums(each) == _sums([top]):
        each = [top]
    return tuple(Charge(model=model, buckets=one.buckets, declined=declined) for one in each)


class _Buckets:
    """The token buckets of one usage object."""

    __slots__ = ("buckets", "split_is_guessed")

    def __init__(self, buckets: dict[str, Quantity], split_is_guessed: bool) -> None:
        self.buckets = buckets
        self.split_is_guessed = split_is_guessed


def _buckets(usage: JSON) -> _Buckets:
    written = count(usage, "cache_creation_input_tokens")
    split = part(usage, "cache_creation")
    short = count(split, "ephemeral_5m_input_tokens")
    long = count(split, "ephemeral_1h_input_tokens")
    guessed = False
    if written is None:
        short, long = short or 0, long or 0
    elif short is None and long is None:
        short, long = written, 0  # anthropic 3: no split means 5 minutes
    else:
        # anthropic 3, 18: the split may be older than the total; server tools write for 5 minutes.
        extra = rest(written, short or 0, long or 0)
        guessed = extra > 0 and not part(usage, "server_tool_use")
        short, long = (short or 0) + extra, long or 0
    return _Buckets(
        non_zero(
            input=count(usage, "input_tokens"),
            cache_read=count(usage, "cache_read_input_tokens"),
            cache_write_5m=short,
            cache_write_1h=long,
            output=count(usage, "output_tokens"),
        ),
        guessed,
    )


def _sums(each: Iterable[_Buckets]) -> tuple[Quantity, ...]:
    sums: list[Quantity] = [0, 0, 0, 0]
    for one in each:
        get = one.buckets.get
        written = get("cache_write_5m", 0) + get("cache_write_1h", 0)
        for i, value in enumerate(
            (get("input", 0), get("cache_read", 0), written, get("output", 0))
        ):
            sums[i] += value
    return tuple(sums)


def _declined(response: JSON, stop: str | None, buckets: dict[str, Quantity]) -> str | None:
    """anthropic 15: category of a refusal that came before any output."""
    if stop != "refusal":
        return None
    if "content" in response:  # empty, or nothing after the last model gave up
        content = objects(response["content"])
        before_output = not content or content[-1].get("type") == "fallback"
    else:
        before_output = not buckets.get("output")
    if not before_output:
        return None
    return text(mapping(response.get("stop_details")).get("category")) or "none"


def _hop_category(
    entry: JSON, tries: list[JSON], blocks: list[JSON], declined: str | None
) -> str | None:
    """Category of an earlier attempt that was refused before any output; None when it had some.

    A block names the model as the request did, which may be an alias of the attempt's own name.
    """
    if count(entry, "output_tokens"):
        return None
    own = text(entry.get("model"))
    by_sender = {text(mapping(block.get("from")).get("model")): block for block in blocks}
    known = {text(attempt.get("model")) for attempt in tries}
    aliased = (block for sender, block in by_sender.items() if sender not in known)
    block = by_sender.get(own) or next(aliased, None)
    if block is not None:
        return text(mapping(block.get("trigger")).get("category")) or "none"
    return declined or "none"


def _with_tools(
    charges: tuple[Charge, ...],
    status: Status,
    reason: str | None,
    usage: JSON,
    request: JSON,
    response: JSON,
) -> tuple[tuple[Charge, ...], Status, str | None]:
    """Adds what server tools cost: a fee for searches, unseen container time for code.

    See anthropic 12.
    """
    tools = part(usage, "server_tool_use")
    fees = tools and non_zero(
        web_search_call=count(tools, "web_search_requests"),
        web_fetch_call=count(tools, "web_fetch_requests"),
    )
    if fees and charges:
        first = charges[0]
        billed = Charge(
            model=first.model, buckets={**first.buckets, **fees}, declined=first.declined
        )
        charges = (billed, *charges[1:])
    ran_code = (tools and count(tools, "code_execution_requests")) or any(
        block.get("type") == "server_tool_use" and text(block.get("name")) in _CODE_TOOLS
        for block in objects(response.get("content"))
    )
    if ran_code and status == "priced" and not _code_is_free(request):
        status, reason = "partial", "container_time"
    return charges, status, reason


def _code_is_free(request: JSON) -> bool:
    for tool in objects(request.get("tools")):
        kind = text(tool.get("type")) or ""
        for prefix in _CODE_FREE_WITH:
            version = kind.removeprefix(prefix)
            if version != kind and version.isdigit() and version >= _CODE_FREE_SINCE:
                return True
    return False


def _mode(
    usage: JSON, request: JSON, client: JSON, status: Status, reason: str | None
) -> tuple[str, Status, str | None]:
    """How the reply says it was served; the request proves nothing (anthropic 6, 7, 8)."""
    tier = word(usage, "service_tier", "unknown_tier") or "standard"
    served = _TIERS.get(tier)
    batch = client.get("batch") is True or served == "batch"
    speed = word(usage, "speed", "unknown_tier")
    if speed is None and text(request.get("speed")) == "fast":
        raise Unreadable("unknown_tier")
    if served is None or speed not in (None, "standard", "fast"):
        raise Unreadable("unknown_tier")
    if speed == "fast":
        if batch or served != "standard":
            raise Unreadable("unknown_tier")  # anthropic 6: no fast mode in batches
        return "fast", status, reason
    if served == "priority":
        if batch:
            raise Unreadable("unknown_tier")
        # anthropic 7: it uses up a commitment; its list price is an estimate of its worth.
        return "standard", "estimated" if status == "priced" else status, "committed_capacity"
    return "batch" if batch else "standard", status, reason


def _geo(
    provider: Provider, usage: JSON, client: JSON, requested: str | None, replied: str | None
) -> tuple[str | None, str | None]:
    """Where it ran, if that can change the price (anthropic 11), and why that is only assumed."""
    place = Place() if provider.place is None else provider.place(client, requested, replied)
    # Which SKU a deployment of Claude has changes its price only where the SKU names a geography.
    assumed = None if place.assumed == UNKNOWN_SKU else place.assumed
    geo = place.geo or word(usage, "inference_geo", "unknown_region")
    return (None if geo in (None, "global", "not_available") else geo), assumed


def _totals(charges: Iterable[Charge]) -> dict[str, int]:
    totals: dict[str, int] = dict.fromkeys(_TOKENS, 0)
    for charge in charges:
        for bucket, quantity in charge.buckets.items():
            if bucket in totals:
                totals[bucket] += int(quantity)
    return totals
