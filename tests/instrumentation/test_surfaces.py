# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Every method of the SDKs that can lead to a bill, and what is recorded of it, sync and async."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, NamedTuple

import anthropic
import openai
import pytest
from pydantic import BaseModel

from tests.instrumentation.conftest import Telemetry
from tests.instrumentation.providers_stub import MESSAGES, resolve
from tests.instrumentation.sdk_http import httpx
from tests.instrumentation.surface_stub import GPT, answer

if not (hasattr(anthropic, "AnthropicGoogleCloud") and hasattr(openai, "BedrockOpenAI")):
    pytest.skip(
        "the methods of newer SDKs: pip install -U anthropic openai", allow_module_level=True
    )

CLAUDE = "claude-sonnet-4-6"
REQUEST: dict[str, Any] = {"model": CLAUDE, "max_tokens": 9, "messages": MESSAGES}
REQUEST_GPT: dict[str, Any] = {"model": "gpt-4o", "messages": MESSAGES}
REQUEST_RESPONSE: dict[str, Any] = {"model": "gpt-4o", "input": "hi"}
DRAW: dict[str, Any] = {"model": "gpt-image-1", "prompt": "a hat"}
SPEAK: dict[str, Any] = {"model": "tts-1", "voice": "alloy", "input": "hello"}
FILE = ("a.bin", b"abc", "application/octet-stream")
HEAR: dict[str, Any] = {"model": "gpt-4o-transcribe", "file": FILE}


class Answer(BaseModel):
    answer: int


@anthropic.beta_tool
def weather(place: str) -> str:
    """Weather of a place."""
    return f"rain in {place}"


@anthropic.beta_async_tool(name="weather")
async def aweather(place: str) -> str:
    """Weather of a place."""
    return f"rain in {place}"


class Case(NamedTuple):
    """One way to spend, and its record."""

    call: Callable[[Any], Any]
    operation: str = "chat"
    model: str | None = None
    tokens: tuple[int | None, int | None] = (80, 5)
    verdict: str = "priced"
    """`priced` with an amount, or the reason why there is none"""
    records: int = 1
    client: str = ""
    use: str = "reply"


def parsed(client: Any) -> Any:
    return client.chat.completions.parse(**REQUEST_GPT, response_format=Answer)


def run_tools(client: Any, **more: Any) -> Any:
    tool = aweather if isinstance(client, anthropic.AsyncAnthropic) else weather
    return client.beta.messages.tool_runner(**REQUEST, tools=[tool], **more)


def in_background(client: Any) -> Any:
    requested = client.responses.create(**REQUEST_RESPONSE, background=True)
    if not isinstance(client, openai.AsyncOpenAI):
        return [client.responses.retrieve(requested.id) for _ in range(3)]

    async def polled() -> None:
        reply = await requested
        for _ in range(3):
            await client.responses.retrieve(reply.id)

    return polled()


def one_request(params: dict[str, Any]) -> list[Any]:
    return [{"custom_id": "a", "params": params}]


def bedrock(**more: Any) -> dict[str, Any]:
    return {**REQUEST, "model": "anthropic.claude-sonnet-4-6", **more}


ANTHROPIC: dict[str, Case] = {
    "messages.create": Case(lambda c: c.messages.create(**REQUEST)),
    "messages.create(stream)": Case(
        lambda c: c.messages.create(**REQUEST, stream=True), use="stream"
    ),
    "messages.stream": Case(lambda c: c.messages.stream(**REQUEST), use="manager"),
    "messages.parse": Case(lambda c: c.messages.parse(**REQUEST, output_format=Answer)),
    "messages.with_raw_response": Case(lambda c: c.messages.with_raw_response.create(**REQUEST)),
    "messages.with_streaming_response": Case(
        lambda c: c.messages.with_streaming_response.create(**REQUEST), use="read"
    ),
    "messages.with_streaming_response(stream)": Case(
        lambda c: c.messages.with_streaming_response.create(**REQUEST, stream=True), use="read"
    ),
    "beta.messages.create": Case(lambda c: c.beta.messages.create(**REQUEST)),
    "beta.messages.create(stream)": Case(
        lambda c: c.beta.messages.create(**REQUEST, stream=True), use="stream"
    ),
    "beta.messages.stream": Case(lambda c: c.beta.messages.stream(**REQUEST), use="manager"),
    "beta.messages.parse": Case(lambda c: c.beta.messages.parse(**REQUEST, output_format=Answer)),
    "beta.messages.tool_runner": Case(run_tools, use="stream", records=2),
    "client.post": Case(lambda c: c.post("/v1/messages", body=REQUEST, cast_to=httpx.Response)),
    "messages.batches.create": Case(
        lambda c: c.messages.batches.create(requests=one_request(REQUEST)),
        *("batch", None, (None, None), "not_billed"),
    ),
    "messages.batches.results": Case(
        lambda c: c.messages.batches.results("msgbatch_1"), use="stream"
    ),
    "beta.messages.batches.results": Case(
        lambda c: c.beta.messages.batches.results("msgbatch_1"), use="stream"
    ),
    "messages.count_tokens": Case(
        lambda c: c.messages.count_tokens(model=CLAUDE, messages=MESSAGES), records=0
    ),
    "models.list": Case(lambda c: c.models.list(), records=0),
    "beta.files.upload": Case(lambda c: c.beta.files.upload(file=FILE), records=0),
    "beta.sessions.events.send": Case(
        lambda c: c.beta.sessions.events.send("s", events=[]),
        *("invoke_agent", None, (None, None), "no_usage"),
    ),
    "AnthropicBedrock": Case(lambda c: c.messages.create(**bedrock()), client="AnthropicBedrock"),
    "AnthropicBedrock(stream)": Case(
        lambda c: c.messages.with_streaming_response.create(**bedrock(stream=True)),
        client="AnthropicBedrock",
        use="read",  # decoding it takes botocore
    ),
    "AnthropicBedrock beta": Case(
        lambda c: c.beta.messages.create(**bedrock()), client="AnthropicBedrock"
    ),
    "AnthropicBedrockMantle": Case(
        lambda c: c.messages.create(**bedrock()), client="AnthropicBedrockMantle"
    ),
    "AnthropicVertex": Case(lambda c: c.messages.create(**REQUEST), client="AnthropicVertex"),
    "AnthropicVertex(stream)": Case(
        lambda c: c.messages.create(**REQUEST, stream=True), client="AnthropicVertex", use="stream"
    ),
    "AnthropicFoundry": Case(lambda c: c.messages.create(**REQUEST), client="AnthropicFoundry"),
    "AnthropicAWS": Case(lambda c: c.messages.create(**REQUEST), client="AnthropicAWS"),
    "AnthropicGoogleCloud": Case(
        lambda c: c.messages.create(**REQUEST),
        client="AnthropicGoogleCloud",
        verdict="unknown_host",
    ),
}
NONE = (None, None)
OPENAI: dict[str, Case] = {
    "chat.completions.create": Case(lambda c: c.chat.completions.create(**REQUEST_GPT)),
    "chat.completions.create(stream)": Case(
        lambda c: c.chat.completions.create(**REQUEST_GPT, stream=True), use="stream"
    ),
    "chat.completions.parse": Case(parsed),
    "chat.completions.stream": Case(
        lambda c: c.chat.completions.stream(**REQUEST_GPT), use="manager"
    ),
    "chat.completions.with_raw_response": Case(
        lambda c: c.chat.completions.with_raw_response.create(**REQUEST_GPT)
    ),
    "chat.completions.with_streaming_response": Case(
        lambda c: c.chat.completions.with_streaming_response.create(**REQUEST_GPT), use="read"
    ),
    "chat.completions.retrieve": Case(lambda c: c.chat.completions.retrieve("x"), records=0),
    "client.post": Case(lambda c: c.post("/chat/completions", body=REQUEST_GPT, cast_to=object)),
    "responses.create": Case(lambda c: c.responses.create(**REQUEST_RESPONSE)),
    "responses.create(stream)": Case(
        lambda c: c.responses.create(**REQUEST_RESPONSE, stream=True), use="stream"
    ),
    "responses.stream": Case(lambda c: c.responses.stream(**REQUEST_RESPONSE), use="manager"),
    "responses.parse": Case(lambda c: c.responses.parse(**REQUEST_RESPONSE, text_format=Answer)),
    "responses.create(background), polled": Case(in_background),
    "responses.retrieve": Case(lambda c: c.responses.retrieve("resp_1"), records=0),
    "responses.compact": Case(lambda c: c.responses.compact(**REQUEST_RESPONSE)),
    "responses.input_tokens.count": Case(
        lambda c: c.responses.input_tokens.count(**REQUEST_RESPONSE), records=0
    ),
    "beta.responses.create": Case(lambda c: c.beta.responses.create(**REQUEST_RESPONSE)),
    "completions.create": Case(
        lambda c: c.completions.create(model="gpt-3.5-turbo-instruct", prompt="hi"),
        *("text_completion", "gpt-3.5-turbo-instruct"),
    ),
    "completions.create(stream)": Case(
        lambda c: c.completions.create(model="gpt-4o", prompt="hi", stream=True),
        "text_completion",
        use="stream",
    ),
    "embeddings.create": Case(
        lambda c: c.embeddings.create(
            model="text-embedding-3-small", input="hi", encoding_format="float"
        ),
        *("embeddings", "text-embedding-3-small", (80, None)),
    ),
    "images.generate": Case(lambda c: c.images.generate(**DRAW), "generate_content", "gpt-image-1"),
    "images.generate(stream)": Case(
        lambda c: c.images.generate(**DRAW, stream=True),
        *("generate_content", "gpt-image-1"),
        use="stream",
    ),
    "images.edit": Case(
        lambda c: c.images.edit(**DRAW, image=FILE), "generate_content", "gpt-image-1"
    ),
    "images.edit(stream)": Case(
        lambda c: c.images.edit(**DRAW, image=FILE, stream=True),
        *("generate_content", "gpt-image-1"),
        use="stream",
    ),
    "images.create_variation": Case(
        lambda c: c.images.create_variation(model="dall-e-2", image=FILE),
        *("generate_content", "dall-e-2", NONE, "no_usage"),
    ),
    "audio.speech.create": Case(
        lambda c: c.audio.speech.create(**SPEAK), "generate_content", "tts-1", NONE
    ),
    "audio.speech.with_streaming_response": Case(
        lambda c: c.audio.speech.with_streaming_response.create(**SPEAK),
        *("generate_content", "tts-1", NONE),
        use="read",
    ),
    "audio.speech.create(sse)": Case(
        lambda c: c.audio.speech.with_streaming_response.create(
            model="gpt-4o-mini-tts", voice="alloy", input="hi", stream_format="sse"
        ),
        *("generate_content", "gpt-4o-mini-tts"),
        use="read",
    ),
    "audio.speech.create(gpt-4o-mini-tts)": Case(
        lambda c: c.audio.speech.create(model="gpt-4o-mini-tts", voice="alloy", input="hi"),
        *("generate_content", "gpt-4o-mini-tts", NONE, "no_usage"),
    ),
    "audio.transcriptions.create": Case(
        lambda c: c.audio.transcriptions.create(**HEAR), "generate_content", "gpt-4o-transcribe"
    ),
    "audio.transcriptions.create(stream)": Case(
        lambda c: c.audio.transcriptions.create(**HEAR, stream=True),
        *("generate_content", "gpt-4o-transcribe"),
        use="stream",
    ),
    "audio.translations.create": Case(
        lambda c: c.audio.translations.create(model="whisper-1", file=FILE),
        *("generate_content", "whisper-1", NONE, "no_usage"),
    ),
    "moderations.create": Case(
        lambda c: c.moderations.create(model="omni-moderation-latest", input="hi"),
        records=0,
    ),
    "batches.create": Case(
        lambda c: c.batches.create(
            input_file_id="f", endpoint="/v1/responses", completion_window="24h"
        ),
        *("batch", None, NONE, "not_billed"),
    ),
    "batches.retrieve": Case(lambda c: c.batches.retrieve("batch_1"), records=0),
    "files.content of a batch": Case(lambda c: c.files.content("file_out")),
    "AzureOpenAI chat": Case(
        lambda c: c.chat.completions.create(**REQUEST_GPT),
        client="AzureOpenAI",
        verdict="estimated",
    ),
    "AzureOpenAI responses": Case(
        lambda c: c.responses.create(**REQUEST_RESPONSE), client="AzureOpenAI", verdict="estimated"
    ),
    "AzureOpenAI chat(stream)": Case(
        lambda c: c.chat.completions.create(**REQUEST_GPT, stream=True),
        client="AzureOpenAI",
        use="stream",
        verdict="estimated",
    ),
    "BedrockOpenAI responses": Case(
        lambda c: c.responses.create(model="openai.gpt-5.4", input="hi"),
        model="openai.gpt-5.4",
        client="BedrockOpenAI",
    ),
    "beta.threads.runs.create_and_poll": Case(
        lambda c: c.beta.threads.runs.create_and_poll(thread_id="t", assistant_id="a"),
        *("invoke_agent", "gpt-4o", NONE, "no_usage"),
    ),
    "videos.create": Case(
        lambda c: c.videos.create(model="sora-2", prompt="a hat"),
        *("generate_content", "sora-2", NONE, "no_usage"),
    ),
    "videos.create_and_poll": Case(
        lambda c: c.videos.create_and_poll(model="sora-2", prompt="a hat"),
        *("generate_content", "sora-2", NONE, "no_usage"),
    ),
    "videos.remix": Case(
        lambda c: c.videos.remix("job_1", prompt="a hat"),
        *("generate_content", "sora-2", NONE, "no_usage"),
    ),
    "fine_tuning.jobs.create": Case(
        lambda c: c.fine_tuning.jobs.create(model="gpt-4o", training_file="f"),
        *("fine_tuning", "gpt-4o", NONE, "no_usage"),
    ),
    "evals.runs.create": Case(
        lambda c: c.evals.runs.create("e", data_source={"type": "jsonl"}),
        *("evaluation", "gpt-4o", NONE, "no_usage"),
    ),
    "realtime.client_secrets.create": Case(lambda c: c.realtime.client_secrets.create(), records=0),
    "vector_stores.search": Case(lambda c: c.vector_stores.search("v", query="hi"), records=0),
    "files.create": Case(lambda c: c.files.create(file=FILE, purpose="batch"), records=0),
    "conversations.create": Case(lambda c: c.conversations.create(), records=0),
}
CASES = {
    **{f"anthropic {name}": case for name, case in ANTHROPIC.items()},
    **{f"openai {name}": case for name, case in OPENAI.items()},
}
OPTIONS: dict[str, dict[str, Any]] = {
    "AnthropicBedrock": {"aws_region": "us-east-1", "api_key": "k"},
    "AnthropicBedrockMantle": {"aws_region": "us-east-1", "api_key": "k"},
    "AnthropicVertex": {"region": "global", "project_id": "p", "access_token": "t"},
    "AnthropicFoundry": {"resource": "shop", "api_key": "k"},
    "AnthropicAWS": {"aws_region": "us-east-1", "api_key": "k", "workspace_id": "w"},
    "AnthropicGoogleCloud": {
        "project": "p",
        "location": "global",
        "workspace_id": "w",
        "skip_auth": True,
    },
    "AzureOpenAI": {
        "azure_endpoint": "https://shop.openai.azure.com",
        "api_key": "k",
        "api_version": "2025-04-01-preview",
    },
    "BedrockOpenAI": {"aws_region": "us-east-1", "api_key": "k"},
}


def new_client(sdk: str, name: str, is_async: bool) -> Any:
    module: Any = {"anthropic": anthropic, "openai": openai}[sdk]
    name = name or {"anthropic": "Anthropic", "openai": "OpenAI"}[sdk]
    transport = httpx.MockTransport(answer)
    http: Any = (httpx.AsyncClient if is_async else httpx.Client)(transport=transport)
    options = OPTIONS.get(name, {"api_key": "k"})
    return getattr(module, f"Async{name}" if is_async else name)(http_client=http, **options)


async def exhaust(items: Any) -> None:
    if hasattr(items, "__aiter__"):
        async for _ in items:
            pass
    else:
        for _ in items:
            pass


async def use(result: Any, how: str) -> None:
    """Do with the result of a call what an application would."""
    if how in ("reply", "stream"):
        result = await resolve(result)
        if how == "stream":
            await exhaust(result)
    elif hasattr(result, "__aenter__"):
        async with result as entered:
            await (entered.read() if how == "read" else exhaust(entered))
    else:
        with result as entered:
            await (asyncio.to_thread(entered.read) if how == "read" else exhaust(entered))


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # assistants, some models
@pytest.mark.parametrize("name", CASES)
async def test_a_method_records_each_reply_once(
    telemetry: Telemetry, name: str, is_async: bool
) -> None:
    case, sdk = CASES[name], name.partition(" ")[0]
    await use(case.call(new_client(sdk, case.client, is_async)), case.use)
    assert len(telemetry.records) == case.records, telemetry.records
    model = case.model or {"anthropic": CLAUDE, "openai": GPT}[sdk]
    for record in telemetry.records:
        get = record.get
        assert get("gen_ai.operation.name") == case.operation
        if case.model or case.tokens != NONE:
            reported = get("gen_ai.response.model") or get("gen_ai.request.model")
            assert reported == model
        assert (get("gen_ai.usage.input_tokens"), get("gen_ai.usage.output_tokens")) == case.tokens
        status, reason = get("llmcost.cost.status"), get("llmcost.cost.reason")
        assert (reason if status == "unpriced" else status) == case.verdict
        assert ("gen_ai.usage.cost.amount" in record) is (status != "unpriced")
