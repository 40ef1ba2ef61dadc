# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""What a person does to pull a lever: one sentence, how much work it is, and code to begin with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

Effort = Literal["a setting", "a few lines", "a change of design"]


@dataclass(frozen=True, slots=True)
class Lever:
    """How one lever is pulled. `{…}` in its texts stand for the columns of a saving."""

    sentence: str
    effort: Effort
    anthropic: str
    openai: str = ""
    """The same for the other SDK; empty where one text serves both."""


_KEEP = "from functools import lru_cache  # or a shared cache: Redis, a table\n\n"
LEVERS: dict[str, Lever] = {
    "batch": Lever(
        "Send the calls of {feature} that no one waits for through the Batch API.",
        "a change of design",
        "batch = client.messages.batches.create(requests=[\n"
        '    {{"custom_id": "1", "params": {{"model": "{model}", "messages": […], …}}}},\n'
        "])",
        'file = client.files.create(file=open("calls.jsonl", "rb"), purpose="batch")\n'
        "client.batches.create(\n"
        '    input_file_id=file.id, endpoint="/v1/responses", completion_window="24h"\n'
        ")",
    ),
    "flex": Lever(
        "Let the calls of {feature} that no one waits for use the flex tier.",
        "a setting",
        'client.responses.create(model="{model}", service_tier="flex", timeout=900, …)',
    ),
    "standard_tier": Lever(
        "Use the standard tier for the calls of {feature} that do not stream to a person.",
        "a setting",
        'client.messages.create(model="{model}", …)  # without speed="fast"',
        'client.responses.create(model="{model}", service_tier="default", …)',
    ),
    "global_endpoint": Lever(
        "Let {feature} use the global endpoint, where its data may leave the region.",
        "a setting",
        'client.messages.create(model="{model}", …)  # without inference_geo, on a global endpoint',
        'OpenAI(base_url="https://api.openai.com/v1")  # instead of a regional host',
    ),
    "cheaper_model": Lever(
        "Send the short answers of {feature} to {candidate}.",
        "a setting",
        'client.messages.create(model="{candidate}", max_tokens=256, …)  # was {model}',
        'client.responses.create(model="{candidate}", max_output_tokens=256, …)  # was {model}',
    ),
    "prompt_cache": Lever(
        "Cache the prefix that all prompts of {feature} share.",
        "a few lines",
        'system=[{{"type": "text", "text": PREFIX, "cache_control": {{"type": "ephemeral"}}}}]',
        'client.responses.create(model="{model}", prompt_cache_key="{feature}", …)  # prefix first',
    ),
    "prompt_cache_long": Lever(
        "Cache the prefix that all prompts of {feature} share, for an hour.",
        "a few lines",
        'system=[{{"type": "text", "text": PREFIX,\n'
        '         "cache_control": {{"type": "ephemeral", "ttl": "1h"}}}}]',
        'client.responses.create(model="{model}", prompt_cache_retention="24h", …)',
    ),
    "cache_ttl": Lever(
        "Keep what {feature} caches for the other time: {change}.",
        "a setting",
        '"cache_control": {{"type": "ephemeral", "ttl": "{ttl}"}}',
        'client.responses.create(model="{model}", prompt_cache_retention="24h", …)',
    ),
    "unread_writes": Lever(
        "Do not cache what no later call of {feature} reads.",
        "a setting",
        '# remove "cache_control" from blocks that change with every call',
    ),
    "stable_prefix": Lever(
        "Begin the prompts of {feature} with the same text, and put what changes last.",
        "a few lines",
        "system=[STABLE_AND_CACHED, TODAY_AND_USER]  # no date, name or id in the first block",
    ),
    "cap_output": Lever(
        "End the answers of {feature} at the length that 99 of 100 have: {change}.",
        "a setting",
        'client.messages.create(model="{model}", max_tokens={max_tokens}, …)',
        'client.responses.create(model="{model}", max_output_tokens={max_tokens}, …)',
    ),
    "reasoning_effort": Lever(
        "Let {feature} reason less: its longest thoughts cost more than twice its usual ones.",
        "a setting",
        'client.messages.create(model="{model}", output_config={{"effort": "medium"}}, …)',
        'client.responses.create(model="{model}", reasoning={{"effort": "low"}}, …)',
    ),
    "oversized_prompts": Lever(
        "Shorten the prompts of {feature} that are more than twice the usual.",
        "a few lines",
        "documents = documents[:5]  # or a limit in tokens before the call",
    ),
    "growing_history": Lever(
        "Trim or sum up the history of long conversations of {feature}.",
        "a few lines",
        "messages = [SUMMARY, *messages[-8:]]",
    ),
    "duplicate_requests": Lever(
        "Keep the answers of {feature}: the same request is paid again within a day.",
        "a few lines",
        _KEEP + "@lru_cache(maxsize=10_000)\ndef answer(question: str) -> str: …",
    ),
    "abandoned_streams": Lever(
        "Do not start streams of {feature} that no one reads to the end.",
        "a few lines",
        "with client.messages.stream(…) as stream:  # start it when the reader is there\n    …",
        "stream = client.responses.create(stream=True, …)\nstream.close()  # when no one reads",
    ),
    "failed_calls": Lever(
        "Find out why replies of {feature} end in an error that is billed.",
        "a few lines",
        'otel-llmcost query "SELECT error_type, count(), sum(cost_usd) FROM calls\n'
        "  WHERE feature = '{feature}' AND error_type != '' GROUP BY error_type\"",
    ),
}
"""Every lever of the view `savings_between`."""


def sentence(row: Mapping[str, Any]) -> str:
    """What to change, in one sentence."""
    lever = LEVERS.get(row["lever"])
    return lever.sentence.format_map(_values(row)) if lever else f"{row['lever']}: {row['change']}"


def effort(row: Mapping[str, Any]) -> str:
    """How much work it is."""
    lever = LEVERS.get(row["lever"])
    return lever.effort if lever else "unknown"


def snippet(row: Mapping[str, Any]) -> str:
    """Code or configuration to begin with, for the SDK of the row's provider."""
    lever = LEVERS.get(row["lever"])
    if lever is None:
        return ""
    is_claude = "claude" in row["model"] or row["provider"] == "anthropic"
    text = lever.anthropic if is_claude or not lever.openai else lever.openai
    return text.format_map(_values(row))


def _values(row: Mapping[str, Any]) -> dict[str, str]:
    change = str(row["change"])
    return {
        "feature": _plain(row["feature"]),
        "model": _plain(row["model"]),
        "change": change,
        "candidate": change.removeprefix("model "),
        "ttl": change.removeprefix("ttl "),
        "max_tokens": change.removeprefix("max_tokens ").split(",")[0],
    }


def _plain(name: str) -> str:
    """A name of telemetry inside of code: one line, without quotes."""
    return "".join(c for c in name if c.isprintable() and c not in "\"'\\`")[:120]
