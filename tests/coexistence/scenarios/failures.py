# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Every way for a call to fail, of both providers; each is tagged with what happens to it."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Callable, Iterator
from typing import Any

import anthropic
import openai
from opentelemetry import trace
from pydantic import BaseModel

import otel_llmcost
from tests.coexistence.scenarios.calls import CLAUDE, GPT, OPTIONS, prompt


class Answer(BaseModel):
    number: int


class Claude:
    name = "anthropic"

    def client(self, **given: Any) -> Any:
        return anthropic.Anthropic(**OPTIONS, **given)

    def async_client(self, **given: Any) -> Any:
        return anthropic.AsyncAnthropic(**OPTIONS, **given)

    def call(self, client: Any, **given: Any) -> Any:
        return client.messages.create(
            model=CLAUDE, max_tokens=100, messages=prompt("fail"), **given
        )

    def parse(self, client: Any) -> None:
        client.messages.parse(
            model=CLAUDE, max_tokens=100, messages=prompt("fail"), output_format=Answer
        )


class Gpt:
    name = "openai"

    def client(self, **given: Any) -> Any:
        return openai.OpenAI(**given)

    def async_client(self, **given: Any) -> Any:
        return openai.AsyncOpenAI(**given)

    def call(self, client: Any, **given: Any) -> Any:
        return client.chat.completions.create(model=GPT, messages=prompt("fail"), **given)

    def parse(self, client: Any) -> None:
        client.chat.completions.parse(model=GPT, messages=prompt("fail"), response_format=Answer)


def refused(sdk: Any) -> None:
    sdk.call(sdk.client(max_retries=0), extra_headers={"x-emulator-fault": "400"})


def timed_out(sdk: Any) -> None:
    with _silence() as url:
        sdk.call(sdk.client(base_url=url, max_retries=1, timeout=0.1))


def connection_error(sdk: Any) -> None:
    with _silence() as url:
        pass
    sdk.call(sdk.client(base_url=url, max_retries=1))


def cut_stream(sdk: Any) -> None:
    fault = {"x-emulator-fault": "truncate"}
    for _ in sdk.call(sdk.client(max_retries=0), stream=True, extra_headers=fault):
        pass


def cancelled(sdk: Any) -> None:
    async def wait(url: str) -> None:
        await asyncio.wait_for(sdk.call(sdk.async_client(base_url=url, max_retries=0)), 0.2)

    with _silence() as url:
        asyncio.run(wait(url))


def parse_failure(sdk: Any) -> None:
    sdk.parse(sdk.client(max_retries=0))


FAILURES: tuple[Callable[[Any], None], ...] = (
    refused,
    timed_out,
    connection_error,
    cut_stream,
    cancelled,
    parse_failure,
)
SDKS = (Claude(), Gpt())


def every_way() -> None:
    """A call of each SDK for each failure, by itself and below a span of a web server.

    Tagged `sdk.failure.root` and `sdk.failure.request`.
    """
    tracer = trace.get_tracer("web")
    for sdk in SDKS:
        for failure in FAILURES:
            name = f"{sdk.name}.{failure.__name__}"
            with contextlib.suppress(Exception), otel_llmcost.feature(f"{name}.root"):
                failure(sdk)
            with tracer.start_as_current_span("GET /"):
                with contextlib.suppress(Exception), otel_llmcost.feature(f"{name}.request"):
                    failure(sdk)


@contextlib.contextmanager
def _silence() -> Iterator[str]:
    """A server that takes connections and never answers; nothing listens there afterwards."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(20)
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
