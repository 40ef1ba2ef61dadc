# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Frameworks on the two SDKs, each called inside a feature of its own name.

Every function calls both providers where the framework has them, plain and streamed, and leaves
retries and extra calls to the framework: what it bills is what the ledger says.
"""

from __future__ import annotations

import asyncio
from typing import Any

from otel_llmcost import feature
from tests.coexistence.scenarios.calls import CLAUDE, GPT, prompt

QUESTION = "Why is the sky blue?"


def langchain() -> None:
    """invoke, stream, batch in threads, and ainvoke."""
    from langchain_anthropic import ChatAnthropic
    from langchain_openai import ChatOpenAI, OpenAIEmbeddings

    with feature("langchain"):
        for model in (ChatAnthropic(model=CLAUDE, max_tokens=50), ChatOpenAI(model=GPT)):
            model.invoke(QUESTION)
            for _ in model.stream(QUESTION):
                pass
            model.batch([f"{QUESTION} {number}" for number in range(4)])
            asyncio.run(_gather(model.ainvoke(f"{QUESTION} async {n}") for n in range(4)))
        OpenAIEmbeddings(
            model="text-embedding-3-small", check_embedding_ctx_length=False
        ).embed_query(QUESTION)


def pydantic_ai() -> None:
    """run_sync and run_stream, each on an event loop of its own and with one HTTP client."""
    from pydantic_ai import Agent
    from pydantic_ai.models.openai import OpenAIChatModel, OpenAIResponsesModel

    async def streamed(agent: Any) -> None:
        async with agent.run_stream(QUESTION) as reply:
            async for _ in reply.stream_text():
                pass

    with feature("pydantic_ai"):
        for model in (OpenAIChatModel(GPT), OpenAIResponsesModel(GPT)):
            agent = Agent(model)
            agent.run_sync(QUESTION)
            asyncio.run(streamed(Agent(model)))


def pydantic_ai_anthropic() -> None:
    """run_sync with Claude."""
    from pydantic_ai import Agent
    from pydantic_ai.models.anthropic import AnthropicModel

    with feature("pydantic_ai_anthropic"):
        Agent(AnthropicModel(CLAUDE)).run_sync(QUESTION)


def instructor() -> None:
    """Structured output; what the emulated model answers does not fit, so instructor retries."""
    import anthropic
    import instructor as library
    import openai
    from pydantic import BaseModel

    class Reason(BaseModel):
        text: str
        wavelength: int

    clients: list[Any] = [
        (library.from_anthropic(anthropic.Anthropic(open_telemetry=False)), CLAUDE),
        (library.from_openai(openai.OpenAI()), GPT),
    ]
    with feature("instructor"):
        for client, model in clients:
            try:
                client.chat.completions.create(
                    model=model,
                    max_tokens=100,
                    response_model=Reason,
                    messages=prompt("structured"),
                    max_retries=2,
                )
            except Exception as error:  # noqa: BLE001 - whatever it ends with, the replies are billed
                print(type(error).__name__)


def openai_agents() -> None:
    """A run and a streamed run, with the responses and the chat API."""
    from agents import Agent, OpenAIChatCompletionsModel, OpenAIResponsesModel, Runner
    from openai import AsyncOpenAI

    async def runs() -> None:
        client = AsyncOpenAI()
        for kind in (OpenAIResponsesModel, OpenAIChatCompletionsModel):
            agent = Agent(name="sky", model=kind(GPT, client))
            await Runner.run(agent, QUESTION)
            async for _ in Runner.run_streamed(agent, QUESTION).stream_events():
                pass

    with feature("openai_agents"):
        asyncio.run(runs())


def llm() -> None:
    """The library behind the `llm` command; llm-anthropic 0.26 itself cannot call anthropic 2."""
    import llm as library

    with feature("llm"):
        model = library.get_model(GPT)
        model.prompt(QUESTION, stream=False).text()
        for _ in model.prompt(QUESTION, stream=True):
            pass


async def _gather(waiting: Any) -> None:
    await asyncio.gather(*waiting)
