# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Every way of calling that emitters treat differently: plain, streamed, raw, async."""

from __future__ import annotations

import asyncio
import os
from typing import Any

import anthropic
import openai

CLAUDE = "claude-haiku-4-5"
GPT = "gpt-4.1-mini"
NATIVE = os.environ.get("NATIVE_TRACING", "0") == "1"
"""Anthropic's built-in tracing; it makes spans of its own for whoever else is there."""
OPTIONS: dict[str, Any] = {} if NATIVE else {"open_telemetry": False}
MESSAGES = 5
CHAT = 5
RESPONSES = 2


def all_ways() -> None:
    """12 replies of both providers."""
    claude = anthropic.Anthropic(**OPTIONS)
    gpt = openai.OpenAI()
    call_claude(claude)
    call_gpt(gpt)
    asyncio.run(call_both())


def prompt(text: str) -> list[Any]:
    """A conversation of one message."""
    return [{"role": "user", "content": f"{text}: why is the sky blue?"}]


def call_claude(client: anthropic.Anthropic) -> None:
    """Four replies: plain, raw, as a stream of events and through the stream helper."""
    requested: dict[str, Any] = {"model": CLAUDE, "max_tokens": 100}
    client.messages.create(messages=prompt("plain"), **requested)
    client.messages.with_raw_response.create(messages=prompt("raw"), **requested).parse()
    for _ in client.messages.create(messages=prompt("events"), stream=True, **requested):
        pass
    with client.messages.stream(messages=prompt("helper"), **requested) as stream:
        stream.get_final_message()


def call_gpt(client: openai.OpenAI) -> None:
    """Six replies: chat plain, raw, streamed with and without usage; responses plain, streamed."""
    client.chat.completions.create(model=GPT, messages=prompt("plain"))
    client.chat.completions.with_raw_response.create(model=GPT, messages=prompt("raw")).parse()
    for _ in client.chat.completions.create(model=GPT, messages=prompt("events"), stream=True):
        pass
    for _ in client.chat.completions.create(
        model=GPT,
        messages=prompt("usage"),
        stream=True,
        stream_options={"include_usage": True},
    ):
        pass
    client.responses.create(model=GPT, input="plain: why is the sky blue?")
    for _ in client.responses.create(model=GPT, input="why is it blue?", stream=True):
        pass


async def call_both() -> None:
    """Two replies: streamed ones of the async clients."""
    claude = anthropic.AsyncAnthropic(**OPTIONS)
    gpt = openai.AsyncOpenAI()
    async for _ in await claude.messages.create(
        model=CLAUDE, max_tokens=100, messages=prompt("async"), stream=True
    ):
        pass
    async for _ in await gpt.chat.completions.create(
        model=GPT, messages=prompt("async"), stream=True
    ):
        pass
