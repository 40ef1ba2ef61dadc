# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Nothing an application says or hears leaves with a record: not as span, event, metric or log."""

from __future__ import annotations

import json
import logging
import traceback
import warnings
from collections.abc import Callable
from typing import Any

import anthropic
import openai
import pytest
from opentelemetry.exporter.otlp.proto.common._log_encoder import encode_logs
from opentelemetry.exporter.otlp.proto.common.trace_encoder import encode_spans

from otel_llmcost.ingest import Ingestor
from otel_llmcost.instrumentation import uninstrument
from otel_llmcost.store import Store
from tests.instrumentation.conftest import Telemetry
from tests.instrumentation.faults import REPORT
from tests.instrumentation.providers_stub import COMPLETION, MESSAGE
from tests.instrumentation.sdk_http import httpx
from tests.support.embedded import embedded_store, store_directory

__all__ = ["embedded_store"]

CANARY = "canary-7f3a"
TOOL = {"name": CANARY, "description": CANARY, "input_schema": {"type": CANARY}}
FUNCTION = {"name": CANARY, "description": CANARY, "parameters": {CANARY: CANARY}}
CALLED: dict[str, Any] = {
    "id": CANARY,
    "type": "function",
    "function": {"name": CANARY, "arguments": CANARY},
}
IMAGE = {"type": "base64", "media_type": "image/png", "data": CANARY}
DATA_URL = f"data:image/png;base64,{CANARY}"
FILE = (f"{CANARY}.png", CANARY.encode(), "image/png")
TEXT = {"type": "text", "text": CANARY}
USED = {"type": "tool_use", "id": CANARY, "name": CANARY, "input": {CANARY: CANARY}}
RESULT = {"type": "tool_result", "tool_use_id": CANARY, "content": CANARY}
SAID = [
    {
        "role": "user",
        "content": [{"type": "text", "text": CANARY}, {"type": "image", "source": IMAGE}],
    },
    {
        "role": "assistant",
        "content": [{"type": "tool_use", "id": CANARY, "name": CANARY, "input": {CANARY: CANARY}}],
    },
    {
        "role": "user",
        "content": [{"type": "tool_result", "tool_use_id": CANARY, "content": CANARY}],
    },
]
CHAT = [
    {"role": "system", "name": CANARY, "content": CANARY},
    {"role": "user", "content": [{"type": "image_url", "image_url": {"url": DATA_URL}}]},
    {"role": "assistant", "content": CANARY, "tool_calls": [CALLED]},
    {"role": "tool", "tool_call_id": CANARY, "content": CANARY},
]
ANYWHERE: dict[str, Any] = {
    "extra_headers": {"x-secret": CANARY, "authorization": f"Bearer {CANARY}"},
    "extra_query": {"q": CANARY},
    "extra_body": {"unknown": CANARY},
}
MESSAGE_ARGUMENTS: dict[str, Any] = {
    "model": "claude-sonnet-4-6",
    "max_tokens": 9,
    "messages": SAID,
    "system": [{"type": "text", "text": CANARY, "cache_control": {"type": "ephemeral"}}],
    "tools": [TOOL],
    "stop_sequences": [CANARY],
    "metadata": {"user_id": CANARY},
    **ANYWHERE,
}
CHAT_ARGUMENTS: dict[str, Any] = {
    "model": "gpt-4o",
    "messages": CHAT,
    "tools": [{"type": "function", "function": FUNCTION}],
    "metadata": {CANARY: CANARY},
    "user": CANARY,
    "safety_identifier": CANARY,
    "prompt_cache_key": CANARY,
    "stop": [CANARY],
    "prediction": {"type": "content", "content": CANARY},
    **ANYWHERE,
}
RESPONSE_ARGUMENTS: dict[str, Any] = {
    "model": "gpt-4o",
    "instructions": CANARY,
    "input": [{"role": "user", "content": [{"type": "input_image", "image_url": DATA_URL}]}],
    "tools": [{"type": "function", **FUNCTION}],
    "metadata": {CANARY: CANARY},
    "user": CANARY,
    **ANYWHERE,
}

Call = Callable[[Any], Any]
ANTHROPIC: dict[str, Call] = {
    "messages": lambda c: c.messages.create(**MESSAGE_ARGUMENTS),
    "messages streamed": lambda c: list(c.messages.create(**MESSAGE_ARGUMENTS, stream=True)),
    "beta": lambda c: c.beta.messages.create(**MESSAGE_ARGUMENTS),
    "count": lambda c: c.messages.count_tokens(
        model="claude-sonnet-4-6", messages=SAID, system=CANARY, **ANYWHERE
    ),
    "batch": lambda c: c.messages.batches.create(
        requests=[
            {"custom_id": CANARY, "params": {"model": "m", "max_tokens": 1, "messages": SAID}}
        ],
        **ANYWHERE,
    ),
    "files": lambda c: c.beta.files.upload(file=FILE, **ANYWHERE),
    "escape hatch": lambda c: c.post("/v1/messages", body={"messages": SAID}, cast_to=object),
}
OPENAI: dict[str, Call] = {
    "chat": lambda c: c.chat.completions.create(**CHAT_ARGUMENTS),
    "chat streamed": lambda c: list(c.chat.completions.create(**CHAT_ARGUMENTS, stream=True)),
    "responses": lambda c: c.responses.create(**RESPONSE_ARGUMENTS),
    "responses streamed": lambda c: list(c.responses.create(**RESPONSE_ARGUMENTS, stream=True)),
    "compact": lambda c: c.responses.compact(model="gpt-4o", input=CANARY, **ANYWHERE),
    "completions": lambda c: c.completions.create(
        model="gpt-3.5-turbo-instruct", prompt=CANARY, suffix=CANARY, user=CANARY, **ANYWHERE
    ),
    "embeddings": lambda c: c.embeddings.create(
        model="text-embedding-3-small", input=[CANARY], user=CANARY, **ANYWHERE
    ),
    "moderations": lambda c: c.moderations.create(input=CANARY, **ANYWHERE),
    "images": lambda c: c.images.generate(
        model="gpt-image-1", prompt=CANARY, user=CANARY, **ANYWHERE
    ),
    "edit": lambda c: c.images.edit(
        model="gpt-image-1", image=FILE, mask=FILE, prompt=CANARY, user=CANARY, **ANYWHERE
    ),
    "variation": lambda c: c.images.create_variation(image=FILE, user=CANARY, **ANYWHERE),
    "speech": lambda c: (
        c.audio.speech.create(
            model="tts-1", voice="alloy", input=CANARY, instructions=CANARY, **ANYWHERE
        ).content
    ),
    "transcription": lambda c: c.audio.transcriptions.create(
        model="gpt-4o-transcribe", file=FILE, prompt=CANARY, **ANYWHERE
    ),
    "translation": lambda c: c.audio.translations.create(
        model="whisper-1", file=FILE, prompt=CANARY, **ANYWHERE
    ),
    "batch": lambda c: c.batches.create(
        input_file_id=CANARY,
        endpoint="/v1/responses",
        completion_window="24h",
        metadata={CANARY: CANARY},
        **ANYWHERE,
    ),
    "files": lambda c: c.files.create(file=FILE, purpose="batch", **ANYWHERE),
    "escape hatch": lambda c: c.post("/responses", body={"input": CANARY}, cast_to=object),
}
CALLS = [("anthropic", name) for name in ANTHROPIC] + [("openai", name) for name in OPENAI]

REPLY = {
    **json.loads(json.dumps({**COMPLETION, **MESSAGE}).replace("hello", CANARY)),
    "id": "reply_1",
    "object": "response",
    "output": [{"type": "message", "content": [{"type": "output_text", "text": CANARY}]}],
    "output_text": CANARY,
    "metadata": {CANARY: CANARY},
    "user": CANARY,
    "instructions": CANARY,
    "text": CANARY,
    "data": [{"b64_json": CANARY, "revised_prompt": CANARY, "embedding": [0.5], "url": CANARY}],
    "system_fingerprint": CANARY,
    "container": {"id": CANARY},
    "filename": CANARY,
    "stop_sequence": CANARY,
}


def streamed(request: httpx.Request) -> httpx.Response:
    text = {
        "type": "content_block_delta",
        "index": 0,
        "delta": {"type": "text_delta", "text": CANARY},
    }
    chunk = {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "gpt-4o"}
    choice = {"index": 0, "delta": {"content": CANARY, "tool_calls": [{"index": 0, **CALLED}]}}
    done = {"type": "response.completed", "response": REPLY, "sequence_number": 1}
    events = {
        "/v1/messages": [
            {"type": "message_start", "message": REPLY},
            text,
            {"type": "message_stop"},
        ],
        "/v1/chat/completions": [{**chunk, "choices": [choice]}],
        "/v1/responses": [{"type": "response.output_text.delta", "delta": CANARY}, done],
    }[request.url.path]
    frames = [f"event: {e.get('type', '')}\ndata: {json.dumps(e)}\n\n" for e in events]
    headers = {"content-type": "text/event-stream", "x-request-id": CANARY, "set-cookie": CANARY}
    return httpx.Response(200, headers=headers, text="".join(frames))


def client(sdk: str, answer: Callable[[httpx.Request], httpx.Response]) -> Any:
    http = httpx.Client(transport=httpx.MockTransport(answer), headers={"cookie": CANARY})
    if sdk == "anthropic":
        return anthropic.Anthropic(api_key=f"sk-{CANARY}", http_client=http, max_retries=0)
    return openai.OpenAI(
        api_key=f"sk-{CANARY}", organization=CANARY, project=CANARY, http_client=http, max_retries=0
    )


def honest(request: httpx.Request) -> httpx.Response:
    if b'"stream":true' in request.content.replace(b" ", b""):
        return streamed(request)
    return httpx.Response(200, json=REPLY, headers={"x-request-id": CANARY})


def refusing(_: httpx.Request) -> httpx.Response:
    error = {"type": "invalid_request_error", "message": CANARY, "param": CANARY}
    return httpx.Response(400, json={"type": "error", "error": error})


def lost(_: httpx.Request) -> httpx.Response:
    raise httpx.ReadError(CANARY)


def scribbling(_: httpx.Request) -> httpx.Response:
    return httpx.Response(200, text=CANARY)


def reported_by(telemetry: Telemetry) -> str:
    metrics = telemetry.metrics_out.get_metrics_data()
    return "".join(
        [
            *(span.to_json() for span in telemetry.spans),
            *(repr(data.log_record) for data in telemetry.logs_out.get_finished_logs()),
            metrics.to_json() if metrics else "",
        ]
    )


def attempt(call: Call, sdk: str, answer: Callable[[httpx.Request], httpx.Response]) -> bool:
    """Make the call; whether the application saw the canary come back, as it should."""
    try:
        with warnings.catch_warnings(action="ignore", category=DeprecationWarning):
            return CANARY in repr(call(client(sdk, answer)))
    except Exception as error:
        *_, (last, _) = traceback.walk_tb(error.__traceback__)
        if last.f_code.co_filename == __file__ or "unexpected keyword" in str(error):
            raise  # the SDK has no such method or argument
        return CANARY in repr(error) + repr(error.__cause__)


@pytest.mark.parametrize(("sdk", "name"), CALLS)
def test_no_endpoint_leaks_what_was_said(
    telemetry: Telemetry, caplog: pytest.LogCaptureFixture, sdk: str, name: str
) -> None:
    call = (ANTHROPIC if sdk == "anthropic" else OPENAI)[name]
    telemetry.on(events="always")
    with caplog.at_level(logging.DEBUG):
        answers = (honest, refusing, lost, scribbling)
        heard = [attempt(call, sdk, answer) for answer in answers]
    assert any(heard)
    ours = [r for r in caplog.records if r.name.startswith(("otel_llmcost", "opentelemetry"))]
    assert CANARY not in reported_by(telemetry)
    assert CANARY not in "".join(f"{r.getMessage()} {r.exc_info}" for r in ours)


@pytest.mark.expects_internal_error
def test_our_own_failures_log_no_content(
    telemetry: Telemetry, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    from otel_llmcost import guard, pricing

    def broken(*_: object, **__: object) -> None:
        raise ValueError("cannot price")

    monkeypatch.setattr(guard, "report", REPORT)
    monkeypatch.setattr(guard, "_seen", set())
    monkeypatch.setattr(pricing, "price_response", broken)
    attempt(ANTHROPIC["messages"], "anthropic", honest)
    assert "cannot price" in caplog.text
    assert CANARY not in caplog.text


def test_the_store_holds_nothing_that_was_said(telemetry: Telemetry, embedded_store: Store) -> None:
    telemetry.on(events="always")
    for sdk, calls in (("anthropic", ANTHROPIC), ("openai", OPENAI)):
        for call in calls.values():
            for answer in (honest, refusing):
                attempt(call, sdk, answer)
    uninstrument()
    ingestor = Ingestor(store_directory(), linger_s=0.01)
    try:
        ingestor.ingest("traces", encode_spans(telemetry.spans).SerializeToString())
        logs = encode_logs(telemetry.logs_out.get_finished_logs())
        ingestor.ingest("logs", logs.SerializeToString())
    finally:
        ingestor.close()
    stored = everything_in(embedded_store)
    assert "claude-sonnet-4-6" in stored
    assert CANARY not in stored


def everything_in(store: Store) -> str:
    tables = store.query(
        "SELECT name FROM system.tables WHERE database = 'llmcost' AND engine LIKE '%MergeTree'"
        " AND name NOT IN ('prices', 'rates', 'schema_journal')"
    ).rows
    return "".join(repr(store.query(f"SELECT * FROM llmcost.{name}").rows) for (name,) in tables)


# What others send, by their own attribute names (content capture switched on).
OTHERS = {
    "official": [
        *("gen_ai.input.messages", "gen_ai.output.messages", "gen_ai.system_instructions"),
        *("gen_ai.tool.definitions", "gen_ai.tool.description"),
        *("gen_ai.tool.call.arguments", "gen_ai.tool.call.result"),
        *("gen_ai.retrieval.query.text", "gen_ai.retrieval.documents", "gen_ai.prompt"),
        *("gen_ai.completion", "gen_ai.event.content", "gen_ai.evaluation.explanation"),
    ],
    "OpenLLMetry": [
        *("gen_ai.prompt.0.content", "gen_ai.prompt.0.role", "gen_ai.completion.0.content"),
        *("gen_ai.prompt.1.tool_calls.0.arguments", "gen_ai.completion.0.tool_calls.0.name"),
        *("llm.request.functions.0.parameters", "llm.request.functions.0.description"),
        *("traceloop.entity.input", "traceloop.entity.output", "traceloop.prompt.template"),
        *("llm.prompts.0.content", "llm.completions.0.content"),
    ],
    "OpenInference": [
        *("input.value", "output.value", "llm.input_messages.0.message.content"),
        *("llm.output_messages.0.message.tool_calls.0.tool_call.function.arguments",),
        *("llm.input_messages.0.message.contents.0.message_content.text",),
        *("llm.input_messages.0.message.contents.1.message_content.image.image.url",),
        *("llm.invocation_parameters", "llm.tools.0.tool.json_schema", "llm.prompts.0.prompt.text"),
        *("llm.prompt_template.template", "llm.prompt_template.variables", "llm.function_call"),
        *("retrieval.documents.0.document.content", "embedding.embeddings.0.embedding.text"),
        *("reranker.query", "tool.parameters", "message.content"),
    ],
    "Logfire": [
        *("request_data", "response_data", "events", "all_messages_events"),
        *("pydantic_ai.all_messages", "final_result", "model_request_parameters"),
        *("tool_arguments", "tool_response"),
    ],
    "Vercel": [
        *("ai.prompt", "ai.prompt.messages", "ai.prompt.tools", "ai.prompt.toolChoice"),
        *("ai.response.text", "ai.response.object", "ai.response.toolCalls"),
        *("ai.response.reasoning", "ai.result.text", "ai.result.object", "ai.toolCall.args"),
        *("ai.toolCall.result", "ai.value", "ai.values", "ai.embedding", "ai.embeddings"),
    ],
    "LiteLLM": [
        *(
            "llm.openai.messages",
            "llm.anthropic.system",
            "llm.openai.choices",
            "gen_ai.content.prompt",
            "gen_ai.content.completion",
        ),
        *("gen_ai.prompt.0.content", "gen_ai.completion.0.content", "gen_ai.input.messages"),
        *(
            "llm.openai.tools",
            "llm.vertex_ai.contents",
            "llm.openai.input",
            "llm.request.functions.0.arguments",
        ),
    ],
}


@pytest.mark.parametrize("emitter", OTHERS)
def test_nothing_that_other_emitters_quote_is_stored(embedded_store: Store, emitter: str) -> None:
    from tests.ingest.bodies import logs, traces

    request = traces({**dict.fromkeys(OTHERS[emitter], CANARY), "gen_ai.request.model": "m"})
    span = request.resource_spans[0].scope_spans[0].spans[0]
    event = span.events.add(name="gen_ai.content.prompt")
    for key in (*OTHERS[emitter], "content", "gen_ai.prompt"):
        event.attributes.add(key=key).value.string_value = CANARY
    said = logs("gen_ai.user.message", dict.fromkeys(OTHERS[emitter], CANARY), body=CANARY)
    ingestor = Ingestor(store_directory(), linger_s=0.01)
    try:
        ingestor.ingest("traces", request.SerializeToString())
        ingestor.ingest("logs", said.SerializeToString())
    finally:
        ingestor.close()
    stored = everything_in(embedded_store)
    assert "gen_ai.request.model" in stored
    assert CANARY not in stored


def test_counts_and_costs_of_other_emitters_are_stored(embedded_store: Store) -> None:
    from tests.ingest.bodies import traces

    counts = {
        **dict.fromkeys(("llm.token_count.prompt", "llm.token_count.completion"), "7"),
        **dict.fromkeys(
            ("llm.token_count.prompt_details.cache_read", "llm.usage.total_tokens"), "7"
        ),
        **dict.fromkeys(("llm.cost.prompt", "llm.cost.completion", "llm.cost.total"), "7"),
        "llm.openai.model": "gpt-4o",
    }
    ingestor = Ingestor(store_directory(), linger_s=0.01)
    try:
        ingestor.ingest("traces", traces(counts).SerializeToString())
    finally:
        ingestor.close()
    assert embedded_store.query("SELECT SpanAttributes FROM llmcost.otel_traces").rows == [
        (counts,)
    ]
