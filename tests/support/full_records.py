# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""A record in its two forms: as it is sent, and with every attribute as versions without
`llmcost.details` sent it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from opentelemetry.context import Context

from otel_llmcost.instrumentation.calls.call import Call, Reply
from otel_llmcost.instrumentation.records import record_attributes
from otel_llmcost.instrumentation.records.ids import RecordId
from otel_llmcost.usage import Charge, Cost, Usage

FINGERPRINTS = {"request": "d7d0827ee6fe6cd4", "prefix": "4a5e1c10f40779b7"}
SITE = ("shop.reply.answer", "/srv/shop/reply.py", 42)
CODE = ("code.function.name", "code.file.path", "code.line.number")


def small(cost: Cost, number: int, stream: str | None = None) -> dict[str, Any]:
    """The record of a reply as it is sent."""
    call = Call(
        sdk="anthropic",
        endpoint="/v1/messages",
        provider="anthropic",
        known_host=True,
        base_url="https://api.anthropic.com",
        host="api.anthropic.com",
        body={"model": "claude-opus-5", "max_tokens": 64},
        stream=stream is not None,
        started=0,
        attributes={},
        allocation={},
        context=Context(),
        emitter=None,
    )
    call.attributes = {**record_attributes.of_request(call), **dict(zip(CODE, SITE, strict=True))}
    reply = Reply(call=call, request={}, started=0, outcome=stream)
    reply.fingerprints = " ".join(f"{name}={value}" for name, value in FINGERPRINTS.items())
    record = RecordId(f"00c0ffee00c0ffee{number:016x}", number)
    return record_attributes.of_reply(reply, cost, record)


def full(cost: Cost, number: int, stream: str | None = None) -> dict[str, Any]:
    """The same record with every attribute."""
    found: dict[str, Any] = {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "anthropic",
        "gen_ai.request.model": "claude-opus-5",
        "gen_ai.request.max_tokens": 64,
        "gen_ai.request.stream": stream is not None,
        "server.address": "api.anthropic.com",
        "code.function.name": SITE[0],
        "code.file.path": SITE[1],
        "code.line.number": SITE[2],
        "llmcost.record.id": f"00c0ffee00c0ffee{number:016x}",
        "llmcost.record.seq": number,
        "llmcost.fingerprint.request": FINGERPRINTS["request"],
        "llmcost.fingerprint.prefix": FINGERPRINTS["prefix"],
        "llmcost.cost.status": cost.status,
        "llmcost.cost.reason": cost.reason,
        "llmcost.price.version": cost.version,
        "llmcost.price.context": cost.context,
        "llmcost.stream.outcome": stream,
    }
    if cost.geo_multiplier is not None:
        found["llmcost.price.geo"] = float(cost.geo_multiplier)
    elif cost.usage is not None:
        found["llmcost.price.geo"] = cost.usage.geo
    if cost.total is not None:
        found["gen_ai.usage.cost.amount"] = float(cost.total)
        found["gen_ai.usage.cost.currency"] = "USD"
        found["gen_ai.usage.cost.source"] = "local"
        for group, amount in cost.by_group().items():
            found[f"llmcost.cost.{group}"] = float(amount)
    if cost.contracted is not None:
        found["llmcost.cost.contracted"] = float(cost.contracted)
    if cost.usage is not None:
        found |= _usage(cost.usage)
    return {name: value for name, value in found.items() if value is not None}


def _usage(usage: Usage) -> dict[str, Any]:
    totals: dict[str, Any] = {}
    for charge in usage.charges:
        for bucket, quantity in charge.buckets.items():
            totals[bucket] = totals.get(bucket, 0) + quantity
    found: dict[str, Any] = {
        f"llmcost.usage.{bucket}": quantity if type(quantity) is int else float(quantity)
        for bucket, quantity in totals.items()
        if quantity
    }
    reported = usage.reported_cost
    return found | {
        "gen_ai.response.finish_reasons": usage.finish_reasons or None,
        "gen_ai.response.model": usage.model,
        "gen_ai.response.id": usage.response_id,
        "gen_ai.usage.input_tokens": usage.input_tokens,
        "gen_ai.usage.output_tokens": usage.output_tokens,
        "gen_ai.usage.cache_read.input_tokens": usage.cache_read_tokens or None,
        "gen_ai.usage.cache_write.input_tokens": usage.cache_write_tokens or None,
        "gen_ai.usage.reasoning.output_tokens": usage.reasoning_tokens or None,
        "llmcost.price.mode": usage.mode,
        "llmcost.usage.items": _items(usage),
        "llmcost.cost.reported": None if reported is None else float(reported),
    }


def _items(usage: Usage) -> str | None:
    def stands_apart(charge: Charge) -> bool:
        return bool(
            charge.provider or charge.mode or charge.declined or charge.model != usage.model
        )

    if len(usage.charges) < 2 and not any(map(stands_apart, usage.charges)):
        return None
    items: list[dict[str, Any]] = []
    for charge in usage.charges:
        item = {"model": charge.model, "provider": charge.provider, "mode": charge.mode}
        item |= {"declined": charge.declined, "geo": usage.geo}
        kept = {name: value for name, value in item.items() if value is not None or name == "model"}
        numbers = {k: v if type(v) is int else float(v) for k, v in charge.buckets.items()}
        items.append({**kept, "buckets": numbers})
    return json.dumps(items, separators=(",", ":"))


def as_text(attributes: Mapping[str, Any]) -> dict[str, str]:
    """Attributes as the Collector's exporter writes them into a store."""
    return {name: _text(value) for name, value in attributes.items()}


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple):
        return json.dumps(value, separators=(",", ":"))
    return repr(value).removesuffix(".0") if isinstance(value, float) else str(value)
