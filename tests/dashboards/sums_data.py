# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Two stores to add up: the demo's history, and calls of every kind at random.

The second holds what sums go wrong by: replies reported by two emitters, records that arrived
twice, calls of unknown cost, free, failed, of several models, of long prompts and of clouds, in
days that are rolled up and in hours that are not.
"""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from opentelemetry.proto.trace.v1.trace_pb2 import Span

from otel_llmcost import schema
from otel_llmcost.demo import history
from otel_llmcost.pricing import rate
from otel_llmcost.store import Store
from otel_llmcost.usage import Charge, Usage
from tests.schema.sql_bill import as_span
from tests.support.otlp_rows import send, span

Row = dict[str, Any]

HOURS_AGO = (*range(48), *range(60, 90), *range(192, 220))
"""Of days that are over and of one that is not."""
NOW = dt.datetime.now(dt.UTC).replace(minute=40, second=0, microsecond=0) - dt.timedelta(hours=1)
MODELS = {
    "anthropic": ("claude-opus-5", "claude-haiku-4-5", "claude-sonnet-5-5"),
    "openai": ("gpt-5", "gpt-5-mini", "my-own-model"),
    "aws.bedrock": ("us.anthropic.claude-haiku-4-5-20251001-v1:0",),
}

_ARRIVED_AT_ONCE = (
    "ALTER TABLE llmcost.llm_calls UPDATE ingested_at = ts + INTERVAL 5 SECOND "
    "WHERE 1 SETTINGS mutations_sync = 1"
)
_COLUMNS = ", ".join(schema.rollups()["hourly_spend"].columns)
_ROLLED_UP_A_DAY_LATER = (
    f"INSERT INTO llmcost.hourly_spend__rows ({_COLUMNS}, built_at) SELECT {_COLUMNS}, "
    "least(hour + INTERVAL 25 HOUR, {now:DateTime64(3)} - INTERVAL 3 HOUR) "
    "FROM llmcost_internal.hourly_spend__live WHERE hour < {now:DateTime64(3)} - INTERVAL 4 HOUR"
)

_OUTCOMES = """
INSERT INTO llmcost.outcomes (ts, outcome_id, name, value, scope_id, session_id, trace_id)
SELECT ts, toString(number), 'done', 1, number % 3 = 0 ? scope_id : '',
    number % 3 < 2 ? session_id : '', trace_id
FROM (SELECT *, row_number() OVER (ORDER BY ts, record_id) AS number FROM llmcost.calls)
WHERE number % 5 = 0
"""


def demo(store: Store) -> None:
    """Two weeks of the demo's history, all of it just arrived."""
    rows: list[Row] = []
    for request in history.requests(NOW):
        [resource] = request.resource_spans
        reported = {a.key: a.value.string_value for a in resource.resource.attributes}
        rows += [_as_row(sent, reported) for sent in resource.scope_spans[0].spans]
    send(store, rows)
    store.refresh()


def generated(store: Store) -> None:
    """Days at random; calls arrived when they ended, so whole days are rolled up."""
    rows = list(_rows(random.Random(14)))
    send(store, rows)
    send(store, rows[:100])
    store.refresh()
    store.command(_ARRIVED_AT_ONCE)
    found = store.query("SELECT * REPLACE (ts AS found_at) FROM llmcost.duplicate_calls FINAL")
    store.command("TRUNCATE TABLE llmcost.duplicate_calls")
    store.insert("duplicate_calls", found.rows, found.columns)
    for table in ("hourly_spend__rows", "rollup_builds"):
        store.command(f"TRUNCATE TABLE llmcost.{table}")
    store.command(_ROLLED_UP_A_DAY_LATER, {"now": NOW})
    for _ in range(7):
        store.refresh()


def budgets_and_outcomes(store: Store) -> None:
    """A budget of the month; outcomes of scopes, sessions and traces, some of the same calls."""
    budget = {"name": "all", "scope": "total", "scope_value": "", "period": "month"}
    budget |= {"amount_usd": Decimal(100), "valid_from": dt.date(2020, 1, 1)}
    store.insert("budgets", [list(budget.values())], list(budget))
    store.command(_OUTCOMES)


def _rows(chance: random.Random) -> Iterator[Row]:
    for number in range(1, 801):
        at = NOW - dt.timedelta(hours=chance.choice(HOURS_AGO) + chance.random())
        at = at.replace(microsecond=at.microsecond // 1000 * 1000)
        provider = chance.choice(list(MODELS))
        usage = _usage(chance, number, provider)
        own = as_span(number, rate(usage, at), at)
        own["SpanAttributes"] |= _tags(chance, number)
        own |= _where(chance, number)
        foreign = _foreign(own, usage, number)
        kind = chance.random()
        if kind < 0.6:
            yield own
        elif kind < 0.75:
            yield foreign
        elif kind < 0.9:
            # One reply, reported by two emitters.
            yield own
            yield foreign
        else:
            yield _failed(own, chance)


def _usage(chance: random.Random, number: int, provider: str) -> Usage:
    model = chance.choice(MODELS[provider])
    longest = 300_000 if chance.random() < 0.05 else 20_000
    buckets = {"input": chance.randrange(longest), "output": chance.randrange(1, 3000)}
    if chance.random() < 0.5:
        buckets["cache_read"] = chance.randrange(1, 50_000)
    if provider != "openai" and chance.random() < 0.3:
        buckets[chance.choice(("cache_write_5m", "cache_write_1h"))] = chance.randrange(1, 9000)
    charges = [Charge(model=model, buckets=buckets)]
    if provider == "anthropic" and chance.random() < 0.1:
        charges.append(Charge(model="claude-opus-5", buckets={"input": 700, "output": 70}))
    return Usage(
        provider=provider,
        model=model,
        mode=chance.choice(("standard", "standard", "batch")),
        response_id=f"msg_{number}",
        charges=tuple(charges),
        input_tokens=sum(v for c in charges for k, v in c.buckets.items() if k != "output"),
        output_tokens=sum(c.buckets["output"] for c in charges),
        cache_read_tokens=buckets.get("cache_read", 0),
        cache_write_tokens=buckets.get("cache_write_5m", 0) + buckets.get("cache_write_1h", 0),
    )


def _tags(chance: random.Random, number: int) -> dict[str, str]:
    tags = {
        "llmcost.feature": chance.choice(("", "search", "chat", "report", "mail")),
        "llmcost.allocation.team": chance.choice(("", "docs", "shop")),
        "llmcost.allocation.customer": chance.choice(("", "acme", "initech")),
        "user.id": chance.choice(("", *(f"u{user}" for user in range(8)))),
        # More sessions than any table shows, each over several days.
        "session.id": f"s{chance.randrange(150)}",
        "llmcost.scope.id": f"{number // 3:016x}",
        "gen_ai.request.model": chance.choice(("gpt-5", "claude-opus-5")),
        "code.function.name": "answer",
    }
    return {name: value for name, value in tags.items() if value}


def _where(chance: random.Random, number: int) -> Row:
    environment = chance.choice(("prod", "staging"))
    service = chance.choice(("shop", "mail"))
    return {
        "TraceId": f"{number // 2:032x}",
        "SpanId": f"{2 * number:016x}",
        "ServiceName": service,
        "ResourceAttributes": {
            "service.name": service,
            "deployment.environment.name": environment,
        },
    }


def _foreign(own: Row, usage: Usage, number: int) -> Row:
    """The same reply as an official instrumentation reports it."""
    attributes = {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": usage.provider or "",
        "gen_ai.request.model": usage.model or "",
        "gen_ai.response.model": usage.model or "",
        "gen_ai.response.id": usage.response_id or "",
        "gen_ai.usage.input_tokens": str(usage.input_tokens),
        "gen_ai.usage.output_tokens": str(usage.output_tokens),
        "gen_ai.usage.cache_read.input_tokens": str(usage.cache_read_tokens),
        "gen_ai.usage.cache_creation.input_tokens": str(usage.cache_write_tokens),
    }
    attributes = {name: value for name, value in attributes.items() if value != "None"}
    return own | {
        "ScopeName": "opentelemetry.instrumentation.some_sdk",
        "SpanId": f"{2 * number + 1:016x}",
        "ParentSpanId": own["SpanId"],
        "SpanAttributes": attributes,
    }


def _failed(own: Row, chance: random.Random) -> Row:
    kept = {
        name: value
        for name, value in own["SpanAttributes"].items()
        if not name.startswith(
            ("gen_ai.usage.", "llmcost.usage.", "llmcost.cost.", "llmcost.details")
        )
    }
    status = chance.choice(("not_billed", "unpriced"))
    free = {"gen_ai.usage.cost.amount": "0.0"} if status == "not_billed" else {}
    return own | {
        "SpanAttributes": kept | free | {"error.type": "Timeout", "llmcost.cost.status": status}
    }


def _as_row(sent: Span, resource: dict[str, str]) -> Row:
    """A span of the demo as the exporter writes it."""
    attributes = {a.key: _text(a.value) for a in sent.attributes}
    start = dt.datetime.fromtimestamp(sent.start_time_unix_nano / 1e9, dt.UTC)
    row = span(
        attributes,
        start=start,
        milliseconds=(sent.end_time_unix_nano - sent.start_time_unix_nano) // 1_000_000,
        trace=sent.trace_id.hex(),
        span_id=sent.span_id.hex(),
        service=resource["service.name"],
    )
    return row | {"ResourceAttributes": resource}


def _text(value: Any) -> str:
    kind = value.WhichOneof("value")
    if kind == "array_value":
        return "[" + ",".join(f'"{item.string_value}"' for item in value.array_value.values) + "]"
    if kind == "bool_value":
        return str(value.bool_value).lower()
    return repr(getattr(value, kind)) if kind == "double_value" else str(getattr(value, kind))
