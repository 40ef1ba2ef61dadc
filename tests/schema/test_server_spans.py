# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Spans that Anthropic and OpenRouter send from their servers: each reply counts once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest

from otel_llmcost.ingest.content import is_content
from otel_llmcost.pricing import price_response
from otel_llmcost.store import Store
from tests.support.otlp_rows import NOON, event, record_attributes, send, span

pytestmark = pytest.mark.slow

Row = dict[str, Any]
ANTHROPIC, OPENROUTER = "com.anthropic.claude-platform", "openrouter"
OURS = "0123456789abcdef"
MESSAGE = "msg_01f74acc9650c9bd7b82227f45"
GENERATION = "gen-1788610279-n7uDHd8YKPC2n9oilLV3"
MODEL = "claude-opus-5-5"


def tokens(given: int, out: int, **more: int) -> dict[str, str]:
    counted = {"input_tokens": given, "output_tokens": out}
    counted |= {name.replace("__", "."): count for name, count in more.items()}
    return {f"gen_ai.usage.{name}": str(count) for name, count in counted.items()}


def sent(
    name: str,
    attributes: Mapping[str, str],
    number: int,
    parent: int | str = "",
    *,
    scope: str = ANTHROPIC,
    trace: str = "a" * 32,
    begins: int = 0,
    lasts: int = 1000,
    **more: Any,
) -> Row:
    """A span of a server, `begins` and `lasts` in milliseconds."""
    service = "claude-platform" if scope == ANTHROPIC else "openrouter"
    row = span(
        attributes,
        scope=scope,
        service=service,
        trace=trace,
        span_id=f"{number:016d}",
        start=NOON + dt.timedelta(milliseconds=begins),
        milliseconds=lasts,
        **more,
    )
    resource = {"service.name": service}
    parent_id = f"{parent:016d}" if isinstance(parent, int) else parent
    return row | {"SpanName": name, "ParentSpanId": parent_id, "ResourceAttributes": resource}


def request(number: int = 1, parent: int | str = OURS, **more: Any) -> Row:
    """The SERVER span of a Messages request."""
    usage = more.pop("usage", tokens(1000, 100))
    message = more.pop("message", MESSAGE)
    return sent(
        "anthropic.messages.create",
        {
            "gen_ai.provider.name": "anthropic",
            "gen_ai.operation.name": "chat",
            "gen_ai.request.model": MODEL,
            "gen_ai.response.model": MODEL,
            "gen_ai.response.id": message,
            "anthropic.request.id": f"req_{number}",
            "anthropic.message.stop_reason": "end_turn",
            "anthropic.response.service_tier": "standard",
            "gen_ai.usage.cache_write.input_tokens": "0",
            **usage,
        },
        number,
        parent,
        **more,
    )


def run(number: int, parent: int, usage: Mapping[str, str], **more: Any) -> Row:
    """The INTERNAL span of one run of the model."""
    model = more.pop("model", MODEL)
    attributes = {
        "gen_ai.provider.name": "anthropic",
        "gen_ai.operation.name": "chat",
        "gen_ai.request.model": model,
        "gen_ai.response.model": model,
        **more.pop("attributes", {}),
        **usage,
    }
    return sent("anthropic.model_run", attributes, number, parent, **more)


def tool(number: int, parent: int) -> Row:
    return sent(
        "anthropic.server_tool_use web_search",
        {"gen_ai.provider.name": "anthropic", "gen_ai.operation.name": "execute_tool"},
        number,
        parent,
    )


def turn(number: int, usage: Mapping[str, str], **more: Any) -> Row:
    """The span of a turn of a managed agent."""
    attributes = {
        "gen_ai.provider.name": "anthropic",
        "gen_ai.operation.name": "invoke_agent",
        "gen_ai.request.model": MODEL,
        "anthropic.session.id": "sesn_1",
        **usage,
    }
    return sent("anthropic.session.turn", attributes, number, OURS, **more)


def own(response_id: str, *, model: str = MODEL, usage: Mapping[str, str] = {}, **more: Any) -> Row:
    """Our own record of the call, in the application's trace."""
    given = record_attributes(1) | tokens(1000, 100) | dict(usage)
    given |= {"gen_ai.response.id": response_id, "gen_ai.response.model": model}
    for name in ("cache_read", "cache_write"):
        given[f"gen_ai.usage.{name}.input_tokens"] = "0"
    row = span(given, trace="a" * 32, span_id=OURS, milliseconds=1100, **more)
    return row | {"ParentSpanId": ""}


def counted(store: Store, *rows: Row) -> list[tuple[str, str, int, int]]:
    """Source, span, input and output of what counts."""
    send(store, rows)
    store.refresh()
    return [
        tuple(row)
        for row in store.query(
            "SELECT source, trimLeft(span_id, '0'), input_tokens, output_tokens "
            "FROM llmcost.calls ORDER BY ts, span_id"
        ).rows
    ]


def costs(store: Store) -> list[tuple[Decimal | None, str, str]]:
    rows = store.query("SELECT cost_usd, cost_status, cost_reason FROM llmcost.calls ORDER BY ts")
    return [tuple(row) for row in rows.rows]


RUNS = {
    "one": [request(), run(2, 1, tokens(1000, 100))],
    "one, of the same id": [
        request(),
        run(2, 1, tokens(1000, 100), attributes={"gen_ai.response.id": MESSAGE}),
    ],
    "two and a tool": [
        request(),
        run(2, 1, tokens(300, 40), lasts=400),
        tool(3, 1),
        run(4, 1, tokens(700, 60), begins=500, lasts=400),
    ],
    "below a step": [request(), run(3, 2, tokens(300, 40)), run(4, 2, tokens(700, 60))],
    "without the request's id": [request(message=""), run(2, 1, tokens(1000, 100))],
}


@pytest.mark.parametrize("kind", RUNS)
def test_a_request_counts_once_with_the_runs_of_the_model_below_it(
    embedded_store: Store, kind: str
):
    assert counted(embedded_store, *RUNS[kind]) == [(ANTHROPIC, "1", 1000, 100)]
    # 1000 x 4 + 100 x 20 per million; tool fees are not on the span.
    assert costs(embedded_store) == [(Decimal("0.006"), "estimated", "foreign_tools")]


@pytest.mark.parametrize("kind", RUNS)
def test_with_our_own_record_only_that_counts(embedded_store: Store, kind: str):
    found = counted(embedded_store, own(MESSAGE), *RUNS[kind])
    assert [source for source, *_ in found] == ["otel_llmcost"]


def test_parts_that_arrive_at_different_times_count_once(embedded_store: Store):
    complete, first, second = request(), run(2, 1, tokens(300, 40)), run(4, 1, tokens(700, 60))
    assert len(counted(embedded_store, first, second)) == 2
    assert counted(embedded_store, complete) == [(ANTHROPIC, "1", 1000, 100)]


def test_spans_in_a_trace_of_their_own_are_matched_by_the_id(embedded_store: Store):
    """Claude Platform on AWS; server clocks differ, and counts may."""
    elsewhere: dict[str, Any] = {"trace": "b" * 32, "begins": 7000}
    more = request(parent="", usage=tokens(1500, 130), **elsewhere)
    part = run(2, 1, tokens(1500, 130), **elsewhere)
    found = counted(embedded_store, own(MESSAGE), more, part)
    assert [source for source, *_ in found] == ["otel_llmcost"]


def test_the_sdks_own_span_stays_for_the_service_it_names(embedded_store: Store):
    sdk = request() | {"SpanId": OURS, "ScopeName": "com.anthropic.sdk.python", "ServiceName": "s"}
    sdk |= {"ParentSpanId": ""}
    found = counted(embedded_store, sdk, request(), run(2, 1, tokens(1000, 100)))
    assert [source for source, *_ in found] == ["com.anthropic.sdk.python"]


def test_a_failed_request_is_counted_by_our_record_of_the_failed_call(embedded_store: Store):
    failed = {"llmcost.cost.status": "not_billed", "error.type": "overloaded_error"}
    ours = own("", usage=failed | tokens(0, 0))
    theirs = request(message="", usage={"error.type": "overloaded_error"}, status="Error")
    found = counted(embedded_store, ours, theirs)
    assert [source for source, *_ in found] == ["otel_llmcost"]


def test_requests_of_one_trace_at_one_time_all_count(embedded_store: Store):
    numbers = (10, 20, 30)
    rows = [
        row
        for number in numbers
        for row in (
            request(number, message=f"msg_01f74acc9650c9bd7b82227f{number}"),
            run(number + 1, number, tokens(1000, 100)),
        )
    ]
    found = counted(embedded_store, *rows)
    assert [span_id for _, span_id, *_ in found] == ["10", "20", "30"]


def test_a_run_of_another_model_below_a_request_is_a_call_of_its_own(embedded_store: Store):
    """An advisor, whose tokens are not in the usage of the reply."""
    advisor = run(2, 1, tokens(500, 50), model="claude-haiku-5-5")
    found = counted(embedded_store, request(), advisor)
    assert [number for _, number, *_ in found] == ["1", "2"]


def test_of_a_turn_of_an_agent_its_runs_count(embedded_store: Store):
    session = {"attributes": {"anthropic.session.id": "sesn_1"}}
    rows = [
        turn(1, tokens(1000, 100)),
        run(2, 1, tokens(300, 40), lasts=400, **session),
        run(3, 1, tokens(700, 60), begins=500, lasts=400, **session),
    ]
    found = counted(embedded_store, *rows)
    assert [counts for _, *counts in found] == [["2", 300, 40], ["3", 700, 60]]
    assert sum(cost or 0 for cost, *_ in costs(embedded_store)) == Decimal("0.006")
    assert embedded_store.query("SELECT DISTINCT session_id FROM llmcost.calls").rows == [
        ("sesn_1",)
    ]


def test_a_turn_whose_runs_have_no_usage_counts_itself(embedded_store: Store):
    rows = [turn(1, tokens(1000, 100)), tool(2, 1)]
    assert counted(embedded_store, *rows) == [(ANTHROPIC, "1", 1000, 100)]
    assert counted(embedded_store, turn(5, {})) == [(ANTHROPIC, "1", 1000, 100)]


def test_a_session_that_our_record_reports_counts_there_alone(embedded_store: Store):
    created = NOON - dt.timedelta(days=3)
    session = record_attributes(1) | {
        "llmcost.record.id": "session-1",
        "gen_ai.operation.name": "invoke_agent",
        "gen_ai.conversation.id": "sesn_1",
    }
    run_of = run(2, 1, tokens(300, 40), attributes={"anthropic.session.id": "sesn_1"})
    other = run(3, 9, tokens(300, 40), attributes={"anthropic.session.id": "sesn_2"})
    rows = [event(session, start=created), turn(1, tokens(300, 40)), run_of, other]
    found = counted(embedded_store, *rows)
    assert [(source, number) for source, number, *_ in found] == [
        ("otel_llmcost", found[0][1]),
        (ANTHROPIC, "3"),
    ]


GATEWAY = {
    "gen_ai.operation.name": "chat",
    "gen_ai.system": "anthropic",
    "gen_ai.provider.name": "anthropic",
    "gen_ai.request.model": "anthropic/claude-opus-5.5",
    "gen_ai.response.model": "anthropic/claude-opus-5.5",
    "gen_ai.response.finish_reason": "stop",
    "trace.metadata.openrouter.provider_name": "Amazon Bedrock",
}
CACHED = {
    **tokens(10032, 100, total_tokens=10132),
    "gen_ai.usage.input_tokens.cached": "0",
    "gen_ai.usage.input_tokens.cache_write": "10017",
    "gen_ai.usage.input_tokens.cache_write_5m": "10017",
    "gen_ai.usage.output_tokens.reasoning": "30",
    "gen_ai.usage.total_cost": "0.052145",
}


def generation(number: int = 1, parent: int | str = "", **more: Any) -> Row:
    usage = more.pop("usage", CACHED)
    reply = {"gen_ai.response.id": more.pop("id", GENERATION)}
    given: dict[str, Any] = {"scope": OPENROUTER, "trace": "c" * 32} | more
    name: str = given.pop("name", "LLM Generation")
    return sent(name, GATEWAY | reply | usage, number, parent, **given)


def broadcast(reply: str = GENERATION, **more: Any) -> list[Row]:
    """A generation whose first attempt failed; what is below it repeats it."""
    first, second = "provider attempt 1: Anthropic", "provider attempt 2: Amazon Bedrock"
    return [
        generation(id=reply, **more),
        generation(2, 1, id=f"{reply}:generation", name="generation", **more),
        generation(3, 1, id=f"{reply}:attempt-0", name=first, **more | FAILED),
        generation(4, 1, id=f"{reply}:attempt-1", name=second, **more | {"lasts": 800}),
    ]


FAILED: dict[str, Any] = {"usage": {}, "status": "Error", "lasts": 90}


def test_a_generation_counts_once_at_list_price_beside_what_openrouter_charged(
    embedded_store: Store,
):
    assert counted(embedded_store, *broadcast()) == [(OPENROUTER, "1", 10032, 100)]
    ((cost, status, reason),) = costs(embedded_store)
    own = price_response(
        "anthropic",
        request={},
        response={"model": MODEL, "usage": {
            "input_tokens": 15, "cache_creation_input_tokens": 10017, "output_tokens": 100,
        }},
        at=NOON,
    )  # fmt: skip
    assert cost == own.total == Decimal("0.052145")
    assert (status, reason) == ("estimated", "foreign_gateway")
    selected = "SELECT reported_cost_usd, provider, response_id, cache_write_tokens, finish_reason "
    assert embedded_store.query(selected + "FROM llmcost.calls").rows == [
        (Decimal("0.052145"), "anthropic", GENERATION, 10017, "stop")
    ]


@pytest.mark.parametrize("reply", [GENERATION, "gen-1"])
@pytest.mark.parametrize("trace", ["a" * 32, "c" * 32])
def test_with_our_own_record_of_a_generation_only_that_counts(
    embedded_store: Store, reply: str, trace: str
):
    ours = own(reply, model="anthropic/claude-opus-5.5", usage=tokens(10032, 100))
    found = counted(embedded_store, ours, *broadcast(reply, trace=trace))
    assert [source for source, *_ in found] == ["otel_llmcost"]


def test_generations_with_short_ids_at_other_times_all_count(embedded_store: Store):
    ours = own("gen-1", model="anthropic/claude-opus-5.5", usage=tokens(10032, 100))
    found = counted(embedded_store, ours, *broadcast("gen-1", begins=60_000))
    assert [source for source, *_ in found] == ["otel_llmcost", OPENROUTER]


def test_a_gateways_span_stands_for_a_call_whose_emitter_cannot_price_it(embedded_store: Store):
    emitter = "opentelemetry.instrumentation.openai_v2"
    client = generation(scope=emitter, trace="a" * 32)
    attributes = {"gen_ai.response.id": GENERATION, "server.address": "openrouter.ai"}
    attributes |= {"gen_ai.operation.name": "chat", "gen_ai.provider.name": "openai"}
    client |= {"SpanAttributes": attributes | tokens(10032, 100), "ServiceName": "shop"}
    found = counted(embedded_store, client, *broadcast())
    assert [source for source, *_ in found] == [OPENROUTER]


@pytest.mark.parametrize("trace", [{}, {"scope": ""}, {"scope": "broadcast"}])
def test_attempts_of_any_name_below_a_generation_are_part_of_it(
    embedded_store: Store, trace: dict[str, Any]
):
    rows = [
        generation(**trace),
        generation(2, 1, id="", name="upstream 1", **trace | FAILED),
        generation(3, 1, id="", name="upstream 2", **trace),
        generation(4, 1, name="upstream 3", **trace),
    ]
    assert counted(embedded_store, *rows) == [(OPENROUTER, "1", 10032, 100)]


def test_a_collector_may_rename_the_service(embedded_store: Store):
    rows = [row | {"ServiceName": "llm", "ScopeName": "rewritten"} for row in broadcast()]
    assert [source for source, *_ in counted(embedded_store, *rows)] == [OPENROUTER]


def test_spans_that_test_a_destination_are_no_calls(embedded_store: Store):
    rows = [
        generation(name="Test Generation"),
        sent("openrouter-connection-test", {}, 9, scope=OPENROUTER),
    ]
    assert counted(embedded_store, *rows) == []


def test_models_of_other_makers_keep_what_openrouter_charged(embedded_store: Store):
    other = generation(usage=CACHED | {"gen_ai.response.model": "moonshotai/kimi-k2.7"})
    counted(embedded_store, other)
    assert costs(embedded_store) == [(None, "unpriced", "unknown_model")]
    reported = embedded_store.query("SELECT reported_cost_usd, provider FROM llmcost.calls").rows
    assert reported == [(Decimal("0.052145"), "moonshotai")]


@pytest.mark.parametrize(
    ("key", "kept"),
    [
        ("span.input", False),
        ("trace.output", False),
        ("gen_ai.prompt", False),
        ("anthropic.tool_result.content", False),
        ("trace.name", True),
        ("trace.metadata.openrouter.provider_name", True),
    ],
)
def test_what_servers_quote_is_not_stored(key: str, kept: bool):
    assert is_content(key) is not kept
