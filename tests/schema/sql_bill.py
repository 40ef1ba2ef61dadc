# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Records made from priced usages, sent as spans, and their bills as SQL computes them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, NamedTuple

from opentelemetry.context import Context

from otel_llmcost.instrumentation.calls.call import Call, Reply
from otel_llmcost.instrumentation.records.ids import RecordId
from otel_llmcost.instrumentation.records.record_attributes import of_reply
from otel_llmcost.store import Store
from otel_llmcost.usage import Cost
from tests.support.otlp_rows import send, span


class Bill(NamedTuple):
    """What SQL says about a record; None = at least one line has no price."""

    total: Decimal | None
    contracted: Decimal | None
    groups: dict[str, Decimal]
    reasons: set[str]


def as_span(number: int, cost: Cost, at: dt.datetime) -> dict[str, Any]:
    """The span of a record of ours, values as text as the exporter writes them."""
    attributes = of_reply(_reply(cost), cost, RecordId(f"{number:032x}", number))
    return span(
        {name: _text(value) for name, value in attributes.items()},
        start=at,
        span_id=f"{number:016x}",
    )


def bills(store: Store, costs: Mapping[int, tuple[Cost, dt.datetime]]) -> dict[int, Bill]:
    """Send these costs' usages as spans and let SQL price them."""
    send(store, [as_span(number, cost, at) for number, (cost, at) in costs.items()])
    rows = store.query(
        "SELECT record_id, cost_group, amount_usd, contracted_usd, reason FROM llmcost.bill_lines"
    ).rows
    found: dict[int, list[tuple[Any, ...]]] = {number: [] for number in costs}
    for record_id, *line in rows:
        found[int(record_id, 16)].append(tuple(line))
    return {number: _bill(lines) for number, lines in found.items()}


def _bill(lines: list[tuple[Any, ...]]) -> Bill:
    groups: dict[str, Decimal] = {}
    for group, amount, _, _ in lines:
        groups[group] = groups.get(group, Decimal(0)) + (amount or 0)
    unknown = any(amount is None for _, amount, _, _ in lines)
    spoke = any(contracted is not None for _, _, contracted, _ in lines)
    return Bill(
        None if unknown else sum((line[1] for line in lines), Decimal(0)),
        sum((line[1] if line[2] is None else line[2] for line in lines), Decimal(0))
        if spoke and not unknown
        else None,
        groups,
        {line[3] for line in lines} - {""},
    )


def _reply(cost: Cost) -> Reply:
    provider = cost.usage.provider if cost.usage else "anthropic"
    call = Call(
        sdk=provider, endpoint="/v1/messages", provider=provider, known_host=True, base_url="",
        host="", body={}, stream=False, started=0, attributes={"gen_ai.provider.name": provider},
        allocation={}, context=Context(), emitter=None,
    )  # fmt: skip
    return Reply(call=call, request={}, started=0, cost=cost)


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return "[" + ",".join(f'"{item}"' for item in value) + "]"
    return repr(value) if isinstance(value, float) else str(value)
