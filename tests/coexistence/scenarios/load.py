# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""How applications run calls side by side: threads, tasks that get cancelled, processes."""

from __future__ import annotations

import asyncio
import multiprocessing
import random
from concurrent.futures import ThreadPoolExecutor

import anthropic
import openai

from otel_llmcost import feature
from tests.coexistence import emitters
from tests.coexistence.scenarios.calls import CLAUDE, GPT, OPTIONS, prompt

TASKS = 200
WORKERS = 3


def thread_pool() -> None:
    """120 calls from 16 threads, half of them streamed."""
    client = openai.OpenAI()

    def call(number: int) -> None:
        with feature(f"thread-{number % 4}"):
            reply = client.chat.completions.create(
                model=GPT, messages=prompt(str(number)), stream=number % 2 == 0
            )
            if number % 2 == 0:
                for _ in reply:
                    pass

    with ThreadPoolExecutor(16) as pool:
        list(pool.map(call, range(120)))


def cancelled_tasks() -> None:
    """200 streams at once; every third is cancelled somewhere on the way, half of them early on."""
    asyncio.run(_cancelled_tasks())


async def _cancelled_tasks() -> None:
    client = anthropic.AsyncAnthropic(max_retries=0, **OPTIONS)
    chance = random.Random(7)

    async def call(number: int) -> None:
        stream = await client.messages.create(
            model=CLAUDE,
            max_tokens=100,
            messages=prompt(str(number)),
            stream=True,
            extra_headers={"x-emulator-pace": "0.02"},
        )
        async for _ in stream:
            if number % 6 == 3 and (task := asyncio.current_task()):
                task.cancel()

    tasks = [asyncio.create_task(call(number)) for number in range(TASKS)]
    for task in tasks[::6]:
        asyncio.get_running_loop().call_later(chance.uniform(0.1, 2), task.cancel)
    await asyncio.gather(*tasks, return_exceptions=True)


def cancelled_before_headers() -> None:
    """Half of 40 calls is cancelled while the provider still thinks."""
    asyncio.run(_cancelled_before_headers())


async def _cancelled_before_headers() -> None:
    client = openai.AsyncOpenAI(max_retries=0)
    tasks = [
        asyncio.create_task(client.chat.completions.create(model=GPT, messages=prompt(str(number))))
        for number in range(40)
    ]
    await asyncio.sleep(1)
    for task in tasks[::2]:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def fork() -> None:
    """Calls in the parent, then in forked children."""
    _call(0)
    _processes("fork")


def spawn() -> None:
    """Calls in spawned children, which set themselves up."""
    _processes("spawn")


def _processes(method: str) -> None:
    context = multiprocessing.get_context(method)
    target = _call if method == "fork" else _call_in_a_fresh_process
    children = [context.Process(target=target, args=(number,)) for number in range(1, WORKERS + 1)]
    for child in children:
        child.start()
    for child in children:
        child.join()
        assert child.exitcode == 0


def _call(number: int) -> None:
    client = openai.OpenAI()
    with feature("processes"):
        for turn in range(5):
            client.chat.completions.create(model=GPT, messages=prompt(f"{number} {turn}"))


def _call_in_a_fresh_process(number: int) -> None:
    import otel_llmcost

    flush = emitters.set_up()
    otel_llmcost.instrument()
    _call(number)
    flush()
