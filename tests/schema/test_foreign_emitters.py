# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Real spans of other emitters become calls, counted once and priced as their provider billed."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from decimal import Decimal
from functools import cache
from typing import Any

import pytest

from otel_llmcost import config, providers
from otel_llmcost.config import Config
from otel_llmcost.ingest.content import is_content
from otel_llmcost.pricing import price_response
from otel_llmcost.store import Store
from otel_llmcost.store.repricing import Repricing
from tests.schema.foreign_dumps import NAMES, load, rows
from tests.support.embedded import empty, shared_store
from tests.support.otlp_rows import NOON, send, span

pytestmark = pytest.mark.slow

BILLED = [name for name in NAMES if "billed" in load(name)]

# Calls, counted from 0, whose emitter says too little or something wrong. All are estimates.
EMITTERS_GAPS = {
    "logfire": {6: "the service tier of a chat completion"},
    "openinference": {6: "the service tier"},
    "openllmetry": {
        2: "adds up cumulative output of a stream (traceloop/openllmetry#4377)",
        4: "OpenAI's cache writes",
    },
}
PRICED = {"official": [3, 5, 6, 8], "openllmetry": [8]}

CALL = """
SELECT response_id, provider, model, mode, input_tokens, uncached_input_tokens, cache_read_tokens,
    cache_write_tokens, output_tokens, convention, cost_usd, reported_cost_usd, cost_status,
    cost_reason, operation, feature, user_id, session_id, duration_ms, price_geo, record_id, ts
FROM llmcost.calls ORDER BY ts
"""


def calls(store: Store, *sent: dict[str, Any]) -> list[dict[str, Any]]:
    send(store, sent)
    store.refresh()
    found = store.query(CALL)
    return [dict(zip(found.columns, row, strict=True)) for row in found.rows]


@cache
def of_dump(name: str) -> list[dict[str, Any]]:
    """The calls of a dump, read once for all tests."""
    empty(shared_store())
    return calls(shared_store(), *rows(name))


def both_paths(
    store: Store, variants: Sequence[Mapping[str, str]], **more: Any
) -> list[dict[str, Any]]:
    """A foreign span each, a second apart; the calls in that order."""
    return calls(
        store,
        *(
            foreign(
                attributes,
                start=NOON + dt.timedelta(seconds=number),
                span_id=f"{number:016x}",
                **more,
            )
            for number, attributes in enumerate(variants)
        ),
    )


def foreign(attributes: Mapping[str, str], **more: Any) -> dict[str, Any]:
    return span(attributes, scope="some.emitter", **more)


@pytest.mark.parametrize("name", BILLED)
def test_every_billed_reply_is_one_call_with_the_tokens_that_were_billed(name: str):
    found = of_dump(name)
    billed = load(name)["billed"]
    assert len(found) == len(billed)
    gaps = EMITTERS_GAPS.get(name, {})
    for number, (call, bill) in enumerate(zip(found, billed, strict=True)):
        tokens = bill["tokens"]
        assert (call["provider"], call["model"]) == (bill["provider"], bill["model"])
        assert call["response_id"] in ("", bill["response_id"]) or name == "litellm"
        if number in gaps:
            continue
        assert call["uncached_input_tokens"] == tokens["uncached"]
        assert call["cache_read_tokens"] == tokens["read"]
        assert call["cache_write_tokens"] == tokens["write"] + tokens["write_long"]
        assert call["output_tokens"] == tokens["output"]
        assert call["input_tokens"] == sum(
            tokens[part] for part in ("uncached", "read", "write", "write_long")
        )


@pytest.mark.parametrize("name", BILLED)
def test_costs_equal_the_bill_and_only_complete_spans_are_priced(name: str):
    found = of_dump(name)
    bills = [Decimal(bill["usd"]) for bill in load(name)["billed"]]
    differ = {n for n, call in enumerate(found) if call["cost_usd"] != bills[n]}
    priced = [n for n, call in enumerate(found) if call["cost_status"] == "priced"]
    assert differ == set(EMITTERS_GAPS.get(name, {}))
    assert priced == PRICED.get(name, [])
    assert not differ & set(priced)
    for call in found:
        if call["cost_status"] != "priced":
            assert call["cost_status"] == "estimated"
            assert call["cost_reason"].startswith("foreign_")


def test_a_replay_of_the_same_spans_changes_nothing(embedded_store: Store):
    sent = [row for name in ("official", "vercel_ai_5") for row in rows(name)]
    for number, row in enumerate(sent):
        row["SpanId"] = f"{number:016x}"
    first = calls(embedded_store, *sent)
    again = [{**row, "ServiceName": row["ServiceName"] + "!"} for row in sent]
    assert calls(embedded_store, *again) == first


@pytest.mark.parametrize("name", NAMES)
def test_the_dumps_quote_no_content(name: str):
    text = json.dumps(load(name))
    assert "How are you" not in text
    assert "with care" not in text
    dump = load(name)
    for reported in dump.get("spans", []) + dump.get("events", []):
        assert not [key for key in reported["attributes"] if is_content(key)]


def test_old_vercel_spans_leave_cached_tokens_out_of_claudes_input_and_new_ones_do_not():
    assert [call["convention"] for call in of_dump("vercel_ai_5")[:4]] == [
        "inclusive", "exclusive", "exclusive", "inclusive"
    ]  # fmt: skip
    new = of_dump("vercel_ai_6")
    assert {call["convention"] for call in new} == {"inclusive"}
    assert {(call["feature"], call["user_id"]) for call in new} == {("greeting", "u1")}


def test_litellms_own_cost_is_kept_as_its_claim():
    for call in of_dump("litellm"):
        assert call["reported_cost_usd"] == pytest.approx(call["cost_usd"], abs=Decimal("1e-11"))
        assert call["cost_reason"] == "foreign_gateway"


def test_a_request_of_claude_code_is_a_call_that_began_before_its_event():
    (call,) = of_dump("claude_code")
    assert call["ts"].isoformat() == "2026-11-20T12:00:00+00:00"
    assert call["duration_ms"] == 2841
    assert (call["provider"], call["model"]) == ("anthropic", "claude-opus-5-5")
    assert (call["input_tokens"], call["uncached_input_tokens"]) == (25612, 12)
    assert call["convention"] == "exclusive"
    # 12 x 4 + 21504 x 0.20 + 4096 x 5 + 322 x 20, per million
    assert call["cost_usd"] == Decimal("0.0312688")
    assert call["reported_cost_usd"] == Decimal("0.0313008")
    assert (call["cost_status"], call["cost_reason"]) == ("estimated", "foreign_subscription")
    assert call["feature"] == "claude-code"
    assert call["session_id"].startswith("2222")
    assert call["record_id"] == "claude_code:req_011CZmJ1"


NO_CALLS = [
    {"openinference.span.kind": "CHAIN", "llm.token_count.prompt": "5"},
    {"openinference.span.kind": "AGENT", "llm.model_name": "gpt-5-mini"},
    {"gen_ai.operation.name": "invoke_agent", "gen_ai.usage.input_tokens": "5"},
    {"gen_ai.operation.name": "agent_step", "gen_ai.provider.name": "openai"},
    {"gen_ai.request.model": "gpt-5-mini", "traceloop.span.kind": "workflow"},
    {"ai.operationId": "ai.generateText", "ai.usage.inputTokens": "5"},
    {"gen_ai.request.model": "gpt-5-mini", "logfire.span_type": "pending_span"},
    {"llm.anthropic.usage": "{'input_tokens': 3}", "llm.anthropic.model": "claude-opus-5-5"},
    {"gen_ai.operation.name": "chat", "llmcost.record.id": "a" * 32},
    {"http.request.method": "POST"},
]


def test_spans_that_only_sum_up_or_repeat_calls_are_none(embedded_store: Store):
    assert both_paths(embedded_store, NO_CALLS) == []


NESTING = [
    # name and count of the input, total: convention, uncached input
    ("prompt_tokens", "100", "", "inclusive", 60),
    ("prompt_tokens", "30", "", "exclusive", 30),
    ("input_tokens", "100", "147", "exclusive", 100),
    ("input_tokens", "100", "107", "inclusive", 60),
]


def test_arithmetic_shows_how_counts_nest_when_the_emitter_is_not_known(embedded_store: Store):
    spans = [
        {
            "gen_ai.system": "anthropic",
            "gen_ai.request.model": "claude-opus-5-5",
            "gen_ai.usage.cache_read_input_tokens": "40",
            "gen_ai.usage.completion_tokens": "7",
            "gen_ai.usage.total_tokens": total,
            f"gen_ai.usage.{name}": counted,
        }
        for name, counted, total, *_ in NESTING
    ]
    found = both_paths(embedded_store, spans)
    assert [(call["convention"], call["uncached_input_tokens"]) for call in found] == [
        (convention, uncached) for *_, convention, uncached in NESTING
    ]


PROVIDERS = [
    ({"gen_ai.system": "OpenAI"}, "openai"),
    ({"gen_ai.system": "az.ai.openai"}, "azure.ai.openai"),
    ({"gen_ai.system": "vertex_ai"}, "gcp.vertex_ai"),
    ({"gen_ai.provider.name": "aws.bedrock"}, "aws.bedrock"),
    ({"llm.provider": "azure", "llm.system": "openai"}, "azure.ai.openai"),
    ({"gen_ai.system": "azure.chat"}, "azure.ai.openai"),
    ({"gen_ai.system": "google.vertex.anthropic.messages"}, "gcp.vertex_ai"),
    ({"gen_ai.system": "amazon-bedrock"}, "aws.bedrock"),
    ({"gen_ai.provider.name": "mistral_ai"}, "mistral_ai"),
    # A framework that names itself.
    (
        {
            "gen_ai.system": "strands-agents",
            "gen_ai.request.model": "us.anthropic.claude-sonnet-4-6",
        },
        "aws.bedrock",
    ),
    # The host bills, whatever SDK was used.
    (
        {"gen_ai.provider.name": "openai", "server.address": "x.openai.azure.com"},
        "azure.ai.openai",
    ),
    (
        {"gen_ai.provider.name": "anthropic", "server.address": "aiplatform.googleapis.com"},
        "gcp.vertex_ai",
    ),
    ({"gen_ai.provider.name": "openai", "server.address": "localhost"}, "openai"),
]


def test_providers_have_one_name_each(embedded_store: Store):
    spans = [{"gen_ai.request.model": "gpt-5-mini", **attributes} for attributes, _ in PROVIDERS]
    found = both_paths(embedded_store, spans)
    assert [call["provider"] for call in found] == [provider for _, provider in PROVIDERS]


EXACT = {
    "gen_ai.operation.name": "chat",
    "gen_ai.provider.name": "openai",
    "gen_ai.request.model": "gpt-6-luna",
    "gen_ai.response.id": "chatcmpl-1",
    "gen_ai.response.finish_reasons": '["stop"]',
    "gen_ai.usage.input_tokens": "1000",
    "gen_ai.usage.output_tokens": "100",
    "gen_ai.usage.cache_write.input_tokens": "0",
    "openai.response.service_tier": "default",
    "server.address": "api.openai.com",
}


def test_a_span_that_has_all_a_bill_depends_on_is_priced(embedded_store: Store):
    (call,) = calls(embedded_store, foreign(EXACT))
    assert (call["cost_status"], call["cost_reason"]) == ("priced", "")
    assert call["cost_usd"] == Decimal("0.00015")


INCOMPLETE = [
    ({"server.address": ""}, "foreign_host"),
    ({"openai.response.service_tier": ""}, "foreign_tier"),
    ({"openai.response.service_tier": "scale"}, "foreign_tier"),
    ({"gen_ai.usage.cache_write.input_tokens": "10"}, "foreign_cache_ttl"),
    ({"gen_ai.usage.cache_write.input_tokens": ""}, "foreign_cache_write"),
    ({"gen_ai.response.finish_reasons": ""}, "foreign_stream"),
    ({"gen_ai.response.id": "resp_1"}, "foreign_tools"),
]


def test_what_a_span_leaves_out_makes_its_cost_an_estimate_that_says_so(embedded_store: Store):
    found = both_paths(embedded_store, [{**EXACT, **attributes} for attributes, _ in INCOMPLETE])
    assert {call["cost_status"] for call in found} == {"estimated"}
    assert [call["cost_reason"] for call in found] == [reason for _, reason in INCOMPLETE]


GATEWAYS = [
    {"server.address": "127.0.0.1"},
    {"server.address": "llm-gateway.internal"},
    {"server.address": "", "gen_ai.openai.api_base": "https://openrouter.ai/api/v1"},
    {"server.address": "", "url.full": "http://localhost:4000/v1/chat/completions"},
]


def test_a_reported_host_that_is_no_providers_decides_as_for_our_own_records(
    embedded_store: Store,
):
    found = both_paths(embedded_store, [{**EXACT, **host} for host in GATEWAYS])
    assert len(found) == len(GATEWAYS)
    for call in found:
        assert (call["cost_usd"], call["cost_status"]) == (None, "unpriced")
        assert call["cost_reason"] == "unknown_host"
        assert (call["input_tokens"], call["provider"]) == (1000, "openai")
    day = dt.timedelta(days=1)
    with Repricing(embedded_store) as repricing:
        assert all(done.records == 0 for done in repricing.apply(NOON - day, NOON + day))


DECLARATIONS = (
    "gw:4000=openai,gw:5000=openai,gw:5000/claude-=anthropic,gw:5000/claude-opus=aws.bedrock,"
    "gw=anthropic,secure:443=openai,own=house"
)
CLAUDE = {"gen_ai.request.model": "claude-sonnet-4-6", "gen_ai.provider.name": "openai"}
OPUS = {"gen_ai.request.model": "claude-opus-4-6", "gen_ai.provider.name": "openai"}
DECLARED = [
    # what a span reports: who bills, why the cost is an estimate or unknown
    ({"server.address": "gw", "server.port": "4000"}, "openai", "foreign_gateway"),
    ({"server.address": "", "url.full": "http://GW:4000/v1/chat"}, "openai", "foreign_gateway"),
    ({"server.address": "gw", "server.port": "5000"}, "openai", "foreign_gateway"),
    ({"server.address": "gw", "server.port": "5000", **CLAUDE}, "anthropic", "foreign_gateway"),
    ({"server.address": "gw", "server.port": "5000", **OPUS}, "aws.bedrock", "foreign_gateway"),
    ({"server.address": "gw", "server.port": "6000", **CLAUDE}, "anthropic", "foreign_gateway"),
    ({"server.address": "gw", **CLAUDE}, "anthropic", "foreign_gateway"),
    ({"server.address": "secure", "server.port": "443"}, "openai", "foreign_gateway"),
    ({"server.address": "secure"}, "openai", "foreign_gateway"),
    ({"server.address": "secure", "server.port": "8443"}, "openai", "unknown_host"),
    ({"server.address": "own"}, "house", "unknown_model"),
    ({"server.address": "other"}, "openai", "unknown_host"),
    ({"server.address": "api.openai.com"}, "openai", ""),
]


def test_a_declared_host_decides_for_other_emitters_spans_as_for_our_own_records(
    embedded_store: Store,
):
    spans = [{**EXACT, "gen_ai.response.model": "", **reported} for reported, *_ in DECLARED]
    config.use(Config.from_env({"LLMCOST_HOSTS": DECLARATIONS}))
    found = both_paths(embedded_store, spans)
    assert [(call["provider"], call["cost_reason"]) for call in found] == [
        (provider, reason) for _, provider, reason in DECLARED
    ]
    for call in found:
        priced = call["cost_reason"] in ("", "foreign_gateway")
        assert (call["cost_usd"] is not None) == priced
        assert call["cost_status"] == (
            "unpriced" if not priced else "estimated" if call["cost_reason"] else "priced"
        )
    assert found[0]["cost_usd"] == Decimal("0.00015")
    # A process without the setting, and a replay, change nothing.
    config.use(None)
    assert both_paths(embedded_store, spans) == found


def test_a_host_says_nothing_about_a_provider_whose_hosts_are_not_known(embedded_store: Store):
    own = {"gen_ai.provider.name": "mistral_ai", "server.address": "api.mistral.ai"}
    (call,) = calls(embedded_store, foreign({**EXACT, **own}))
    assert call["cost_reason"] == "unknown_model"


HOSTS = [
    "api.anthropic.com",
    "API.openai.com.",
    "xx.api.openai.com",
    "aws-external-anthropic.us-east-1.api.aws",
    "bedrock-runtime.us-east-1.amazonaws.com",
    "bedrock-runtime-fips.us-gov-west-1.amazonaws.com",
    "vpce-0a1b-2c3d.bedrock-runtime.us-east-1.vpce.amazonaws.com",
    "us-east5-aiplatform.googleapis.com",
    "aiplatform.eu.rep.googleapis.com",
    "contoso.openai.azure.com",
    "a.b.cognitiveservices.azure.com",
    "contoso.services.ai.azure.com",
    "api.openai.com.evil.example",
    "evil-api.openai.com",
    "a.b.openai.azure.com",
    "x.aiplatform.googleapis.com",
]


def test_sql_and_python_know_the_same_hosts(embedded_store: Store):
    spans = [{**EXACT, "server.address": host} for host in HOSTS]
    found = both_paths(embedded_store, spans)
    expected = [providers.billing_provider(f"https://{host}/v1", {}, "openai") for host in HOSTS]
    assert [
        None if call["cost_reason"] == "unknown_host" else call["provider"] for call in found
    ] == expected
    assert expected.count(None) == 4


BEDROCK = [
    "anthropic.claude-sonnet-4-5-20250929-v1:0",
    "us.anthropic.claude-sonnet-4-5-20250929-v1:0",
    "eu.anthropic.claude-sonnet-4-5-20250929-v1:0",
    "global.anthropic.claude-sonnet-4-5-20250929-v1:0",
    "arn:aws:bedrock:us-east-1:1:inference-profile/us.anthropic.claude-sonnet-4-5-20250929-v1:0",
    "arn:aws:bedrock:us-east-1:1:inference-profile/global.anthropic.claude-opus-4-5-20251101-v1:0",
    "arn:aws:bedrock:us-east-1::foundation-model/anthropic.claude-opus-4-5-20251101-v1:0",
    "bedrock/us.anthropic.claude-opus-4-5-20251101-v1:0",
    "global.openai.gpt-6.1-terra",
    "openai.gpt-6.1-terra",
]
TOKENS = {"gen_ai.usage.input_tokens": "1000", "gen_ai.usage.output_tokens": "100"}


def own_cost(model: str, reply: str | None = None) -> Decimal | None:
    """What our own record of the same call costs."""
    cost = price_response(
        "aws.bedrock",
        request={"model": model},
        response={
            "model": reply,
            "usage": {"input_tokens": 1000, "output_tokens": 100},
        },
        at=NOON,
    )
    return cost.total


def test_bedrocks_geography_raises_the_price_of_other_emitters_spans_as_of_our_own(
    embedded_store: Store,
):
    spans = [
        {"gen_ai.provider.name": "aws.bedrock", "gen_ai.request.model": model, **TOKENS}
        for model in BEDROCK
    ]
    found = both_paths(embedded_store, spans)
    assert [call["cost_usd"] for call in found] == [own_cost(model) for model in BEDROCK]
    assert found[1]["cost_usd"] == Decimal("0.00495")  # (1000 x 3 + 100 x 15) x 1.1 per million
    assert found[3]["cost_usd"] == Decimal("0.0045")
    assert {call["cost_status"] for call in found} == {"estimated"}


def test_the_request_has_the_geography_where_the_reply_names_the_bare_model(
    embedded_store: Store,
):
    requested = {"gen_ai.request.model": BEDROCK[1], "gen_ai.response.model": "claude-sonnet-4-5"}
    (call,) = calls(
        embedded_store, foreign({"gen_ai.provider.name": "aws.bedrock", **requested, **TOKENS})
    )
    assert call["cost_usd"] == own_cost(BEDROCK[1], "claude-sonnet-4-5") == Decimal("0.00495")


def test_claude_code_on_bedrock_pays_for_its_geography(embedded_store: Store):
    sent = next(row for row in rows("claude_code") if "LogAttributes" in row)
    models = [BEDROCK[1], BEDROCK[3], BEDROCK[4]]
    counts = {"input_tokens": "1000", "output_tokens": "100"}
    cache = {"cache_read_tokens": "0", "cache_creation_tokens": "0"}
    more = [
        {"model": f"{model}[1m]", "request_id": f"req_{number}", **counts, **cache}
        for number, model in enumerate(models)
    ]
    requests = [{**sent, "LogAttributes": {**sent["LogAttributes"], **one}} for one in more]
    found = {call["record_id"]: call for call in calls(embedded_store, *requests)}
    for number, model in enumerate(models):
        call = found[f"claude_code:req_{number}"]
        assert call["provider"] == "aws.bedrock"
        assert call["cost_usd"] == own_cost(model)


def test_a_regional_vertex_host_raises_the_price_too(embedded_store: Store):
    vertex = {"gen_ai.provider.name": "gcp.vertex_ai", **TOKENS}
    model = {"gen_ai.request.model": "claude-sonnet-4-5@20250929"}
    hosts = ("aiplatform.googleapis.com", "us-east5-aiplatform.googleapis.com")
    found = both_paths(
        embedded_store, [{**vertex, **model, "server.address": host} for host in hosts]
    )
    assert [call["cost_usd"] for call in found] == [Decimal("0.0045"), Decimal("0.00495")]


NESTED = [
    # total, cached, reasoning: uncached input, output
    ({"total": "14428", "reasoning": "1499"}, 10120, 4308, None),
    ({"total": "12929", "reasoning": "1499"}, 10120, 2809, None),
    ({"total": "12999", "reasoning": "30", "cached": "40"}, 10120, 2839, None),
    ({"total": "14000", "reasoning": "30"}, 10120, 3880, "foreign_total"),
    ({"total": "12000", "reasoning": "30"}, 10120, 2809, "foreign_total"),
    ({"total": ""}, 10120, 2809, None),
]


def test_output_outside_of_the_output_tokens_is_found_by_the_total(embedded_store: Store):
    spans = [
        {
            **EXACT,
            "gen_ai.usage.input_tokens": "10120",
            "gen_ai.usage.output_tokens": "2809",
            "gen_ai.usage.total_tokens": parts["total"],
            "gen_ai.usage.reasoning.output_tokens": parts.get("reasoning", ""),
            "gen_ai.usage.cache_read.input_tokens": parts.get("cached", ""),
        }
        for parts, *_ in NESTED
    ]
    found = both_paths(embedded_store, spans)
    for call, (parts, uncached, output, reason) in zip(found, NESTED, strict=True):
        assert (call["uncached_input_tokens"], call["output_tokens"]) == (uncached, output)
        assert call["cost_reason"] == (reason or ""), parts
        usage = {
            "prompt_tokens": 10120,
            "completion_tokens": 2809,
            "prompt_tokens_details": {"cached_tokens": int(parts.get("cached", 0))},
            "completion_tokens_details": {"reasoning_tokens": int(parts.get("reasoning", 0))},
        }
        if parts["total"]:
            usage["total_tokens"] = int(parts["total"])
        cost = price_response(
            "openai", request={}, response={"model": "gpt-6-luna", "usage": usage}, at=NOON
        )
        assert call["cost_usd"] == cost.total
        assert (cost.status == "priced") == (reason is None)


def test_a_quoted_usage_may_call_cached_tokens_what_gateways_call_them(embedded_store: Store):
    quoted = [
        {"prompt_tokens_details": {"cached_tokens": 0}, "cache_read_input_tokens": 40},
        {"prompt_tokens_details": {"cached_read_tokens": 40}},
    ]
    found = both_paths(
        embedded_store, [{**EXACT, "gen_ai.usage.raw": json.dumps(usage)} for usage in quoted]
    )
    assert [call["cache_read_tokens"] for call in found] == [40, 40]


def test_an_exact_span_of_an_unknown_model_is_unpriced(embedded_store: Store):
    (call,) = calls(embedded_store, foreign({**EXACT, "gen_ai.response.model": "of-nobody"}))
    assert (call["cost_usd"], call["cost_status"]) == (None, "unpriced")
    assert call["cost_reason"] == "unknown_model"


def test_a_regional_host_of_openai_costs_what_the_book_says(embedded_store: Store):
    (call,) = calls(embedded_store, foreign({**EXACT, "server.address": "eu.api.openai.com"}))
    assert call["price_geo"] == "regional"
    assert call["cost_usd"] == Decimal("0.000165")


def test_a_claim_in_another_currency_is_not_taken_for_dollars(embedded_store: Store):
    claim = {"gen_ai.usage.cost.amount": "1.5", "gen_ai.usage.cost.currency": "EUR"}
    (call,) = calls(embedded_store, foreign({**EXACT, **claim}))
    assert call["reported_cost_usd"] is None
