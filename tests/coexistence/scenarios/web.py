# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""The same two endpoints as a Flask and as a FastAPI application; each calls one provider."""

from __future__ import annotations

import anthropic
import openai
from fastapi import FastAPI
from flask import Flask

from otel_llmcost import feature
from tests.coexistence.scenarios.calls import CLAUDE, GPT, OPTIONS, prompt

fast_app = FastAPI()
flask_app = Flask(__name__)
# Made before servers fork, as applications do that are loaded first.
claude = anthropic.Anthropic(**OPTIONS)
gpt = openai.OpenAI()


@flask_app.get("/ready")
@fast_app.get("/ready")
def ready() -> dict[str, bool]:
    return {"ready": True}


@flask_app.get("/claude")
@feature("claude")
def call_claude() -> dict[str, int]:
    return {"blocks": len(claude.messages.create(
        model=CLAUDE, max_tokens=50, messages=prompt("web")).content)}  # fmt: skip


@flask_app.get("/gpt")
@feature("gpt")
def call_gpt() -> dict[str, int]:
    stream = gpt.chat.completions.create(model=GPT, messages=prompt("web"), stream=True)
    return {"chunks": sum(1 for _ in stream)}


@fast_app.get("/claude")
@feature("claude")
async def call_claude_async() -> dict[str, int]:
    reply = await anthropic.AsyncAnthropic(**OPTIONS).messages.create(
        model=CLAUDE, max_tokens=50, messages=prompt("web")
    )
    return {"blocks": len(reply.content)}


@fast_app.get("/gpt")
@feature("gpt")
async def call_gpt_async() -> dict[str, int]:
    stream = await openai.AsyncOpenAI().chat.completions.create(
        model=GPT, messages=prompt("web"), stream=True
    )
    return {"chunks": len([chunk async for chunk in stream])}
