# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""The real SDKs accept the emulated providers, and the ledger bills what the replies say."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import anthropic
import openai
import pytest
from pydantic import BaseModel

from otel_llmcost.emulator import Emulator
from otel_llmcost.emulator.prices import BilledUsage, charge

HI: list[Any] = [{"role": "user", "content": "Where is my order?"}]
POLICY = "Refunds are paid within three working days. " * 120


class Invoice(BaseModel):
    vendor: str
    total: float
    paid: bool


@pytest.fixture
def emulator() -> Iterator[Emulator]:
    with Emulator(seed=7) as running:
        yield running


@pytest.fixture
def claude(emulator: Emulator) -> Iterator[anthropic.Anthropic]:
    with anthropic.Anthropic(base_url=emulator.anthropic_url, api_key="k") as client:
        yield client


@pytest.fixture
def gpt(emulator: Emulator) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(base_url=emulator.openai_url, api_key="k") as client:
        yield client


def until(condition: Any) -> None:
    deadline = time.monotonic() + 5
    while not condition():
        assert time.monotonic() < deadline, "it never happened"
        time.sleep(0.01)


def test_a_message_has_usage_a_tier_and_a_request_id(claude: anthropic.Anthropic) -> None:
    reply = claude.messages.create(model="claude-haiku-4-5", max_tokens=64, messages=HI)
    assert reply._request_id is not None
    assert reply._request_id.startswith("req_")
    assert reply.usage.service_tier == "standard"
    assert reply.usage.inference_geo == "not_available"
    assert reply.usage.input_tokens == 5
    assert 0 < reply.usage.output_tokens <= 64


def test_max_tokens_cuts_a_reply_and_is_named_as_the_reason(claude: anthropic.Anthropic) -> None:
    reply = claude.messages.create(model="claude-haiku-4-5", max_tokens=3, messages=HI)
    assert (reply.usage.output_tokens, reply.stop_reason) == (3, "max_tokens")


def test_a_streamed_message_ends_with_the_usage_of_the_complete_reply(
    claude: anthropic.Anthropic, emulator: Emulator
) -> None:
    with claude.messages.stream(model="claude-opus-5-5", max_tokens=64, messages=HI) as stream:
        kinds = [event.type for event in stream]
        final = stream.get_final_message()
    assert kinds[0] == "message_start"
    assert kinds[-1] == "message_stop"
    (entry,) = emulator.ledger.entries
    assert entry.tokens["output"] == final.usage.output_tokens
    assert entry.response_id == final.id
    assert (entry.stream, entry.outcome) == (True, "complete")


def test_a_marked_prefix_is_written_once_and_read_afterwards(claude: anthropic.Anthropic) -> None:
    def send(ttl: Any) -> anthropic.types.Usage:
        mark: Any = {"type": "ephemeral", "ttl": ttl}
        system: Any = [{"type": "text", "text": POLICY, "cache_control": mark}]
        return claude.messages.create(
            model="claude-sonnet-5-5", max_tokens=16, system=system, messages=HI
        ).usage

    first, second = send("1h"), send("1h")
    assert first.cache_creation is not None
    written = first.cache_creation.ephemeral_1h_input_tokens
    assert written == first.cache_creation_input_tokens > 1000
    assert first.cache_read_input_tokens == 0
    assert (second.cache_creation_input_tokens, second.cache_read_input_tokens) == (0, written)


def test_a_prefix_below_the_minimum_is_not_cached(claude: anthropic.Anthropic) -> None:
    system: Any = [{"type": "text", "text": POLICY[:400], "cache_control": {"type": "ephemeral"}}]
    for _ in range(2):
        usage = claude.messages.create(
            model="claude-sonnet-5-5", max_tokens=16, system=system, messages=HI
        ).usage
        assert (usage.cache_creation_input_tokens, usage.cache_read_input_tokens) == (0, 0)


def test_an_overloaded_provider_is_retried_and_bills_once(
    claude: anthropic.Anthropic, emulator: Emulator
) -> None:
    claude.messages.create(
        model="claude-haiku-4-5",
        max_tokens=16,
        messages=HI,
        extra_headers={"x-emulator-fault": "529x2"},
    )
    ledger = emulator.ledger.as_json()
    assert (ledger["refused"], ledger["replies"]) == (2, 1)


def test_a_refusal_carries_the_error_of_its_provider(
    claude: anthropic.Anthropic, gpt: openai.OpenAI
) -> None:
    once = {"x-emulator-fault": "529"}
    with pytest.raises(anthropic.APIStatusError) as overloaded:
        claude.with_options(max_retries=0).messages.create(
            model="claude-haiku-4-5", max_tokens=16, messages=HI, extra_headers=once
        )
    assert overloaded.value.status_code == 529
    assert overloaded.value.type == "overloaded_error"
    assert overloaded.value.response.headers["retry-after"] == "1"
    with pytest.raises(openai.RateLimitError):
        gpt.with_options(max_retries=0).chat.completions.create(
            model="gpt-6-luna", messages=HI, extra_headers={"x-emulator-fault": "429"}
        )
    with pytest.raises(openai.NotFoundError):
        gpt.chat.completions.create(model="gpt-7", messages=HI)


def test_structured_output_satisfies_the_schema(
    claude: anthropic.Anthropic, gpt: openai.OpenAI
) -> None:
    parsed = claude.messages.parse(
        model="claude-haiku-4-5", max_tokens=200, messages=HI, output_format=Invoice
    )
    assert isinstance(parsed.parsed_output, Invoice)
    completion = gpt.chat.completions.parse(
        model="gpt-6-luna", messages=HI, response_format=Invoice
    )
    assert isinstance(completion.choices[0].message.parsed, Invoice)
    response = gpt.responses.parse(model="gpt-6.2-sol", input="hi", text_format=Invoice)
    assert isinstance(response.output_parsed, Invoice)


def test_a_forced_tool_is_called(claude: anthropic.Anthropic, gpt: openai.OpenAI) -> None:
    schema: Any = Invoice.model_json_schema()
    message = claude.messages.create(
        model="claude-haiku-4-5",
        max_tokens=200,
        messages=HI,
        tools=[{"name": "book", "input_schema": schema}],
        tool_choice={"type": "tool", "name": "book"},
    )
    assert message.stop_reason == "tool_use"
    assert message.content[0].type == "tool_use"
    stream = gpt.chat.completions.create(
        model="gpt-6-luna",
        messages=HI,
        tools=[{"type": "function", "function": {"name": "book", "parameters": schema}}],
        tool_choice="required",
        stream=True,
    )
    calls = [c.choices[0].delta.tool_calls for c in stream if c.choices[0].delta.tool_calls]
    assert calls[0] is not None
    assert calls[0][0].function is not None
    assert calls[0][0].function.name == "book"


def test_a_chat_stream_reports_usage_only_when_requested(gpt: openai.OpenAI) -> None:
    silent = list(gpt.chat.completions.create(model="gpt-6-luna", messages=HI, stream=True))
    assert all(chunk.usage is None and chunk.choices for chunk in silent)
    requested = list(
        gpt.chat.completions.create(
            model="gpt-6-luna",
            messages=HI,
            stream=True,
            stream_options={"include_usage": True},
        )
    )
    assert [c.usage is not None for c in requested].index(True) == len(requested) - 1
    assert requested[-1].choices == []
    assert "usage" in requested[0].model_fields_set


def test_chat_prompts_are_cached_without_a_request(gpt: openai.OpenAI) -> None:
    messages: Any = [{"role": "system", "content": POLICY}, *HI]
    details = []
    for _ in range(2):
        usage = gpt.chat.completions.create(model="gpt-6.1-terra", messages=messages).usage
        assert usage is not None
        details.append(usage.prompt_tokens_details)
    first, second = details
    assert first is not None
    assert second is not None
    assert (first.cached_tokens, second.cache_write_tokens) == (0, 0)
    assert second.cached_tokens == first.cache_write_tokens == 1280


def test_a_response_stream_ends_completed_with_usage(
    gpt: openai.OpenAI, emulator: Emulator
) -> None:
    with gpt.responses.stream(model="gpt-6.2-sol", input="Where is my order?") as stream:
        final = stream.get_final_response()
    assert final.usage is not None
    assert final.usage.output_tokens == emulator.ledger.entries[0].tokens["output"]
    assert final.usage.output_tokens_details.reasoning_tokens > 0
    assert final.tool_usage is not None
    assert final.tool_usage.web_search.num_requests == 0


def test_a_12_hour_cache_write_is_distinguished(gpt: openai.OpenAI) -> None:
    reply = gpt.responses.create(
        model="gpt-6.2-sol", input=POLICY, extra_body={"prompt_cache_options": {"ttl": "12h"}}
    )
    assert reply.usage is not None
    split = reply.usage.input_tokens_details.cache_write_tokens_details
    assert split is not None
    assert (split.ttl_30m_tokens, split.ttl_12h_tokens) == (0, 1280)


def test_embeddings_come_in_both_encodings(gpt: openai.OpenAI, emulator: Emulator) -> None:
    default = gpt.embeddings.create(model="text-embedding-3-small", input=["ab", "cd"])
    floats = gpt.embeddings.create(
        model="text-embedding-3-small", input="ab", encoding_format="float"
    )
    assert default.data[0].embedding == pytest.approx(floats.data[0].embedding, rel=1e-5)
    assert emulator.ledger.entries[0].response_id is None


async def test_an_abandoned_stream_is_billed_apart_for_what_was_generated(
    emulator: Emulator,
) -> None:
    async with anthropic.AsyncAnthropic(base_url=emulator.anthropic_url, api_key="k") as client:
        stream = await client.messages.create(
            model="claude-opus-5-5",
            max_tokens=1000,
            messages=HI,
            stream=True,
            extra_headers={"x-emulator-pace": "0.05"},
        )
        async for _ in stream:
            break
        await stream.close()
    await asyncio.to_thread(until, lambda: emulator.ledger.entries)
    (entry,) = emulator.ledger.entries
    assert entry.outcome == "abandoned"
    assert entry.usd > 0
    assert emulator.ledger.total == 0


def test_broken_streams_are_marked(claude: anthropic.Anthropic, emulator: Emulator) -> None:
    def events(fault: str) -> list[str]:
        stream = claude.messages.create(
            model="claude-opus-5-5",
            max_tokens=100,
            messages=HI,
            stream=True,
            extra_headers={"x-emulator-fault": fault},
        )
        return [event.type for event in stream]

    assert "message_stop" not in events("truncate")
    with pytest.raises(anthropic.APIStatusError):
        events("error")
    assert [e.outcome for e in emulator.ledger.entries] == ["truncated", "error"]


def test_the_same_seed_bills_the_same_under_other_ids() -> None:
    bills, ids = [], set()
    for _ in range(2):
        with Emulator(seed=3) as emulator:
            with anthropic.Anthropic(base_url=emulator.anthropic_url, api_key="k") as client:
                reply = client.messages.create(model="claude-opus-5-5", max_tokens=900, messages=HI)
            bills.append(emulator.ledger.total)
            ids.add(reply.id)
    assert bills[0] == bills[1] > 0
    assert len(ids) == 2


def test_charges_are_exact() -> None:
    billed = BilledUsage(
        model="claude-opus-5-5",
        uncached=1_001,
        read=20_000,
        write=3_000,
        write_long=700,
        output=333,
        searches=2,
        geo="us",
    )
    # (1001*4 + 20000*0.20 + 3000*5 + 700*8 + 333*20) / 1e6 * 1.1 + 2*0.01
    assert charge(billed) == Decimal("0.0587904")
    luna = BilledUsage(model="gpt-6-luna", uncached=1, read=3, output=7, tier="flex")
    assert charge(luna) == Decimal("0.000001815")


def test_the_command_prints_its_environment_and_serves_the_ledger() -> None:
    command = [sys.executable, "-m", "otel_llmcost", "emulator", "--seed", "1"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        line = ""
        while not line.startswith("# ledger: "):
            line = process.stdout.readline()
            assert line, "the emulator ended early"
        with urllib.request.urlopen(line.removeprefix("# ledger: ").strip()) as reply:
            ledger = json.load(reply)
        assert (ledger["total"], ledger["entries"]) == ("0", [])
    finally:
        process.terminate()
        assert process.wait(10) == 130
        assert process.stdout is not None
        process.stdout.close()


def test_a_message_batch_is_billed_at_half_and_its_results_are_read(
    claude: anthropic.Anthropic, emulator: Emulator
) -> None:
    params: Any = {"model": "claude-haiku-4-5", "max_tokens": 64, "messages": HI}
    given: Any = [{"custom_id": "a", "params": params}, {"custom_id": "b", "params": {}}]
    batch = claude.messages.batches.create(requests=given)
    assert batch.processing_status == "in_progress"
    batch = claude.messages.batches.retrieve(batch.id)
    assert (batch.request_counts.succeeded, batch.request_counts.errored) == (1, 1)
    done, refused = claude.messages.batches.results(batch.id)
    assert refused.result.type == "errored"
    assert done.result.type == "succeeded"
    usage = done.result.message.usage
    assert usage.service_tier == "batch"
    full = BilledUsage(
        model="claude-haiku-4-5", uncached=usage.input_tokens, output=usage.output_tokens
    )
    assert emulator.ledger.total == charge(full) / 2


def test_an_openai_batch_goes_in_and_comes_out_as_files(
    gpt: openai.OpenAI, emulator: Emulator
) -> None:
    body = {"model": "gpt-4.1-mini", "messages": HI, "max_tokens": 64}
    lines = [
        json.dumps({"custom_id": name, "method": "POST", "url": "/v1/chat/completions", "body": b})
        for name, b in (("a", body), ("b", {}))
    ]
    given = gpt.files.create(file=("in.jsonl", "\n".join(lines).encode()), purpose="batch")
    batch = gpt.batches.create(
        input_file_id=given.id, endpoint="/v1/chat/completions", completion_window="24h"
    )
    assert (batch.status, batch.output_file_id) == ("validating", None)
    batch = gpt.batches.retrieve(batch.id)
    assert batch.output_file_id is not None
    text = gpt.files.content(batch.output_file_id).text
    done, refused = [json.loads(line) for line in text.splitlines()]
    assert (done["custom_id"], done["response"]["status_code"]) == ("a", 200)
    assert refused["response"]["status_code"] == 400
    usage = done["response"]["body"]["usage"]
    full = BilledUsage(
        model="gpt-4.1-mini",
        uncached=usage["prompt_tokens"],
        output=usage["completion_tokens"],
    )
    assert emulator.ledger.total == charge(full) / 2


def test_what_a_batch_cost_is_what_the_ledger_says(
    emulator: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = """
import anthropic, json, openai, otel_llmcost as llmcost
hi = [{"role": "user", "content": "Where is my order?"}]
with llmcost.measure() as m:
    claude = anthropic.Anthropic().messages.batches
    one = {"model": "claude-haiku-4-5", "max_tokens": 64, "messages": hi}
    batch = claude.retrieve(claude.create(requests=[{"custom_id": "a", "params": one}]).id)
    list(claude.results(batch.id))
    gpt = openai.OpenAI()
    body = {"model": "gpt-4.1-mini", "messages": hi, "max_tokens": 64}
    line = {"custom_id": "a", "method": "POST", "url": "/v1/chat/completions", "body": body}
    file = gpt.files.create(file=("in.jsonl", json.dumps(line).encode()), purpose="batch")
    batch = gpt.batches.create(
        input_file_id=file.id, endpoint="/v1/chat/completions", completion_window="24h"
    )
    gpt.files.content(gpt.batches.retrieve(batch.id).output_file_id)
print(m.cost_usd)
"""
    for name, value in emulator.environment().items():
        monkeypatch.setenv(name, value)
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert Decimal(done.stdout) == emulator.ledger.total > 0
