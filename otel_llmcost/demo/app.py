# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""A help desk on both SDKs: what an app looks like that reports what its LLM calls cost.

    ANTHROPIC_BASE_URL=… OPENAI_BASE_URL=… opentelemetry-instrument python -m otel_llmcost.demo.app

The SDK calls are ordinary ones; `opentelemetry-instrument` finds and prices them. All this file
adds is who spends it: `feature` names what a call is for, `allocate` for whom, and `outcome`
what came of it, so that there is a cost per resolved ticket.

Four things go wrong on purpose: the provider is overloaded for a while (`extract_invoice`), one
feature sends ever longer prompts (`nightly_summaries`), an agent never stops (`dig`), and a prompt
that was cached no longer begins alike (`review`).
"""

from __future__ import annotations

import asyncio

from anthropic import Anthropic, AsyncAnthropic
from openai import AsyncOpenAI, OpenAI
from pydantic import BaseModel

import otel_llmcost as llmcost
from otel_llmcost.demo import prompts

USERS = ("ana", "ben", "chloe", "dmitri", "emeka", "fatima", "goran", "hana")
# Only the emulator reads this header. Real providers are overloaded on their own.
OVERLOADED = {"x-emulator-fault": "529x3"}


class Invoice(BaseModel):
    """What accounting wants to know about an invoice."""

    number: str
    total: float
    currency: str


class HelpDesk:
    """Features that people wait for one after the other, on the synchronous clients."""

    def __init__(self) -> None:
        self.claude = Anthropic(max_retries=4)
        self.gpt = OpenAI()

    @llmcost.feature("support.reply", team="support")
    def reply(self, mails: list[str]) -> str:
        """Answer a customer. The handbook is marked for caching: written once, then read."""
        with self.claude.messages.stream(
            model="claude-sonnet-5-5",
            max_tokens=500,
            system=[
                {
                    "type": "text",
                    "text": prompts.handbook(),
                    "cache_control": {"type": "ephemeral"},
                }
            ],
            messages=[
                {"role": "assistant", "content": mail}
                if i % 2
                else {"role": "user", "content": mail}
                for i, mail in enumerate(mails)
            ],
        ) as stream:
            return stream.get_final_text()

    def conversation(self, user: str, number: int) -> None:
        """Two mails, two replies, one resolved ticket: everything in it belongs to one session."""
        with llmcost.allocate(user=user, session=f"ticket-{number}"):
            mails = [prompts.question(number)]
            mails.append(self.reply(mails))
            mails.append("That did not help yet. " + prompts.question(number + 1))
            self.reply(mails)
            llmcost.outcome("ticket_resolved")

    @llmcost.feature("summarize.ticket", team="support")
    def summarize(self, thread: str) -> str:
        """Three sentences for the agent who takes over."""
        response = self.gpt.responses.create(
            model="gpt-6.1-terra",
            instructions="Summarize the ticket in three sentences.",
            input=thread,
            max_output_tokens=220,
        )
        return response.output_text

    def nightly_summaries(self) -> None:
        """Summarize all open tickets. Contains the bug that the anomaly view is to find."""
        for number in range(4):
            self.summarize(prompts.ticket(number))
        thread = ""
        for number in range(4, 16):
            # The bug: the thread is never cleared, so each prompt drags all earlier tickets along.
            thread += prompts.ticket(number)
            self.summarize(thread)

    @llmcost.feature("extract.invoice", team="finance")
    def extract_invoice(self, number: int, headers: dict[str, str]) -> Invoice | None:
        """Read an invoice into fields. The SDK retries what an overloaded provider refuses."""
        message = self.claude.messages.parse(
            model="claude-haiku-4-5",
            max_tokens=300,
            messages=[{"role": "user", "content": prompts.invoice(number)}],
            output_format=Invoice,
            extra_headers=headers,
        )
        return message.parsed_output

    def accounting(self) -> None:
        """The morning's invoices; during four of them the provider is overloaded."""
        for number in range(12):
            with llmcost.allocate(user="accounting", customer=f"supplier-{number % 3}"):
                if self.extract_invoice(number, OVERLOADED if 4 <= number < 8 else {}):
                    llmcost.outcome("invoice_extracted")

    def warm_up(self) -> None:
        """Not tagged: such spend is named by the place in the code that caused it."""
        self.gpt.chat.completions.create(
            model="gpt-6-luna", messages=[{"role": "user", "content": "Are you there?"}]
        )


class Portal:
    """Features that many people use at the same time, on the asynchronous clients."""

    def __init__(self) -> None:
        self.claude = AsyncAnthropic()
        self.gpt = AsyncOpenAI()

    @llmcost.feature("docs.search", team="knowledge")
    async def search(self, number: int) -> str | None:
        """Embed the question, then answer it from what was found: two models, one feature."""
        question = prompts.question(number)
        await self.gpt.embeddings.create(model="text-embedding-3-small", input=question)
        completion = await self.gpt.chat.completions.create(
            model="gpt-6-luna",
            messages=[
                {"role": "system", "content": prompts.documents(number)},
                {"role": "user", "content": question},
            ],
            max_completion_tokens=400,
        )
        return completion.choices[0].message.content

    @llmcost.feature("docs.search", team="knowledge")
    async def dig(self, number: int) -> None:
        """An agent that searches until it is sure. Contains a bug: nothing makes it sure."""
        notes = prompts.documents(number)
        for _ in range(40):
            completion = await self.gpt.chat.completions.create(
                model="gpt-6-luna",
                messages=[
                    {"role": "system", "content": notes},
                    {"role": "user", "content": prompts.question(number)},
                ],
                max_completion_tokens=400,
            )
            notes += completion.choices[0].message.content or ""

    @llmcost.feature("chat.onboarding", team="growth")
    async def onboard(self, number: int) -> str:
        """Greet a new customer, word by word. No usage is requested, and yet it is recorded."""
        stream = await self.gpt.chat.completions.create(
            model="gpt-6.1-sol",
            messages=[{"role": "user", "content": "I am new here. " + prompts.question(number)}],
            max_completion_tokens=500,
            stream=True,
        )
        words = [chunk.choices[0].delta.content or "" async for chunk in stream]
        return "".join(words)

    @llmcost.feature("code.review", team="platform")
    async def review(self, number: int) -> str:
        """Review a pull request. Reviews are rare, so the guidelines are cached for an hour.

        Contains a bug: the number comes first, so no two prompts begin alike.
        """
        async with self.claude.messages.stream(
            model="claude-opus-5-5",
            max_tokens=800,
            system=[
                {
                    "type": "text",
                    "text": f"Pull request {number}.\n{prompts.guidelines()}",
                    "cache_control": {"type": "ephemeral", "ttl": "1h"},
                }
            ],
            messages=[{"role": "user", "content": prompts.diff(number)}],
        ) as stream:
            return await stream.get_final_text()

    async def visit(self, number: int) -> None:
        """One customer's visit; visits run at the same time and do not mix up their tags."""
        with llmcost.allocate(user=USERS[number % len(USERS)], session=f"visit-{number}"):
            await self.search(number)
            if number % 2 == 0:
                await self.onboard(number)

    async def day(self) -> None:
        """Sixteen visits at once, one of them too thorough, and six reviews one by one."""
        await asyncio.gather(*(self.visit(number) for number in range(16)))
        with llmcost.allocate(user="hana", session="visit-16"):
            await self.dig(16)
        for number in range(6):
            with llmcost.allocate(user="ci", session=f"pull-request-{number}"):
                await self.review(number)
                llmcost.outcome("review_posted")
        await self.claude.close()
        await self.gpt.close()


def main() -> None:
    """One day at the help desk."""
    desk = HelpDesk()
    desk.warm_up()
    for number, user in enumerate(USERS):
        desk.conversation(user, number)
    asyncio.run(Portal().day())
    desk.accounting()
    desk.nightly_summaries()
    desk.claude.close()
    desk.gpt.close()


if __name__ == "__main__":
    main()
