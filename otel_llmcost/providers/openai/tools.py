# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""What hosted tools add to an OpenAI reply: fees by the call, and tokens of other models."""

from __future__ import annotations

from otel_llmcost.providers.fields import (
    JSON,
    Unreadable,
    count,
    mapping,
    non_zero,
    objects,
    part,
    text,
)
from otel_llmcost.providers.openai.images import image_buckets
from otel_llmcost.usage import Charge, Quantity, Status

Problem = tuple[Status, str] | None

# openai 13: with these models the content found is billed as a fixed block per search.
_BLOCK_MODELS = ("gpt-4o-mini", "gpt-4.1-mini")
_BLOCK_TOKENS = 8000
# openai 13: these search on every chat request, and no reply says how often.
_SEARCHING_CHAT_MODELS = ("gpt-5-search-api", "gpt-4o-search-preview", "gpt-4o-mini-search-preview")
_SHOW_TOOLS = frozenset({"output", "tool_usage", "svg_usage"})
# openai 14: billed by container time, which no reply shows.
_CONTAINER_ITEMS = frozenset({"code_interpreter_call", "shell_call"})


def with_tools(
    charges: tuple[Charge, ...], request: JSON, response: JSON, mode: str
) -> tuple[tuple[Charge, ...], Problem]:
    """The reply's charges with its tools added, and why the result is less than exact."""
    if _SHOW_TOOLS.isdisjoint(response):  # chat and embeddings
        return charges, _unseen(charges[0].model, request, [])
    output = objects(response.get("output"))
    tools = [*objects(response.get("tools")), *objects(request.get("tools"))]
    usage = part(response, "tool_usage")
    main = charges[0]
    problem = _unseen(main.model, request, output)
    searches, unsure = _searches(output, usage)
    fees: dict[str, Quantity] = {}
    if searches:
        preview = _is_preview(tools)
        fees["web_search_preview_call" if preview else "web_search_call"] = searches
        if not preview and _bills_blocks(main.model):
            fees["web_search_content"] = searches * _BLOCK_TOKENS
    fees.update(non_zero(file_search_call=_items(output, "file_search_call")))  # openai 14
    if fees:
        main = Charge(model=main.model, buckets={**main.buckets, **fees})
        if mode == "batch":  # whether batches halve these fees is not documented
            problem = problem or ("estimated", "undocumented_fee")
    images, image_problem = _images(output, usage, tools, mode)
    if unsure:
        problem = problem or ("partial", "unmetered_tool")
    return (main, *images, *_svgs(response, output)), problem or image_problem


def _unseen(model: str | None, request: JSON, output: list[JSON]) -> Problem:
    if any(text(item.get("type")) in _CONTAINER_ITEMS for item in output):
        return "partial", "container_time"
    if "web_search_options" in request or _bare(model) in _SEARCHING_CHAT_MODELS:
        return "partial", "unmetered_tool"
    return None


def _items(output: list[JSON], kind: str) -> int:
    return sum(1 for item in output if item.get("type") == kind)


def _searches(output: list[JSON], usage: JSON) -> tuple[int, bool]:
    """Billable searches, reported or counted, and whether some are unclear (openai 13)."""
    metered = count(part(usage, "web_search"), "num_requests")
    if metered is not None:
        return metered, False
    calls = [item for item in output if item.get("type") == "web_search_call"]
    actions = [text(mapping(call.get("action")).get("type")) for call in calls]
    return actions.count("search"), None in actions


def _is_preview(tools: list[JSON]) -> bool:
    kinds = [text(tool.get("type")) or "" for tool in tools]
    search = [kind for kind in kinds if kind.startswith("web_search")]
    return bool(search) and all(kind.startswith("web_search_preview") for kind in search)


def _bills_blocks(model: str | None) -> bool:
    name = _bare(model)
    return any(name == base or name.startswith(f"{base}-20") for base in _BLOCK_MODELS)


def _bare(model: str | None) -> str:
    """The model without the route that gateways write before it."""
    return (model or "").rpartition("/")[2]


def _images(
    output: list[JSON], usage: JSON, tools: list[JSON], mode: str
) -> tuple[tuple[Charge, ...], Problem]:
    """Tokens of the image tool, outside `usage`, at the image model's prices (openai 15)."""
    buckets = image_buckets(part(usage, "image_gen"))
    if not buckets:  # calls whose usage is missing are left out of it
        made = _items(output, "image_generation_call")
        return (), ("partial", "unmetered_tool") if made else None
    models = [
        text(tool.get("model")) for tool in tools if text(tool.get("type")) == "image_generation"
    ]
    model = next((name for name in models if name), None)
    if model is None:
        raise Unreadable("unknown_model")
    served = mode if mode == "batch" else "standard"  # tiers are the text model's
    return (Charge(model=model, buckets=buckets, mode=served),), None


def _svgs(response: JSON, output: list[JSON]) -> tuple[Charge, ...]:
    """openai 16: writing an SVG is a text model's work, separate from the image usage."""
    written = [part(body, "svg_usage") for body in (response, *output)]
    charges: list[Charge] = []
    for usage in written:
        buckets = non_zero(input=count(usage, "input_tokens"), output=count(usage, "output_tokens"))
        if buckets:
            charges.append(Charge(model=text(usage.get("model")), buckets=buckets))
    return tuple(charges)
