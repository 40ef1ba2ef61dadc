# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""The billing rules by number, as the lines of a bill and comments cite them.

docs/explanation/pricing-rules.md explains each under its number, with the source.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

PAGE = "docs/explanation/pricing-rules.md"

RULES = {
    "anthropic 1": "Input, cache reads and cache writes are counted apart",
    "anthropic 2": "Cache reads and writes have listed prices of their own",
    "anthropic 3": "Cache writes are split by how long they stay",
    "anthropic 4": "A listed price beats a formula",
    "anthropic 5": "A cache has a smallest prompt, and a hit renews it for the price of a read",
    "anthropic 6": "A batch costs half of every token price",
    "anthropic 7": "Priority Tier uses up a commitment",
    "anthropic 8": "Fast mode has a price of its own for each model",
    "anthropic 9": "Beyond 200,000 prompt tokens the whole request costs more",
    "anthropic 10": "Haiku 5.5 has its step at 100,000 prompt tokens",
    "anthropic 11": "Inference in the US costs 1.1 times as much",
    "anthropic 12": "Server tools have fees, and code runs by container time",
    "anthropic 13": "Thinking is output",
    "anthropic 14": "Tool definitions and images are in the input already",
    "anthropic 15": "Refusals before any output were billed, then free, then mostly free",
    "anthropic 16": "Every attempt and side call is billed at its own model",
    "anthropic 17": "A fallback credit shows in the counts",
    "anthropic 18": "The counts of a stream are cumulative",
    "anthropic 19": "Errors are not billed, dropped streams are",
    "anthropic 20": "A price is found by the exact model of the reply",
    "anthropic 21": "Newer models make more tokens of one text",
    "anthropic 22": "API version 2026-10-21 keeps the usage object",
    "anthropic 23": "Nothing is rounded per request",
    "openai 1": "Input includes what was cached and written",
    "openai 2": "Cached input is cheaper by family",
    "openai 3": "Cache writes cost money from GPT-5.6 on",
    "openai 4": "Beyond 272,000 input tokens the whole request costs more",
    "openai 5": "A batch costs half of the standard price",
    "openai 6": "Flex costs as a batch does, with the discount for cached input",
    "openai 7": "Background windows are cheaper",
    "openai 8": "Fast, earlier called priority, has listed prices",
    "openai 9": "Ultrafast has a price of its own for each model",
    "openai 10": "The tier of the reply decides",
    "openai 11": "A regional host costs 1.1 times as much for newer models",
    "openai 12": "Reasoning is output, and so are rejected predictions",
    "openai 13": "Web searches have a fee, and some search unseen",
    "openai 14": "File searches have a fee, containers cost by time",
    "openai 15": "The image tool is billed at the image model",
    "openai 16": "Images have token prices of their own",
    "openai 17": "Sound has prices of its own",
    "openai 18": "Embeddings have no output, and moderation is free",
    "openai 19": "Fine-tuned models have prices of their own",
    "openai 20": "A chat stream carries usage only when that is requested",
    "openai 21": "Errors are not billed",
    "openai 22": "The costs report matches the invoice",
    "clouds 1": "Bedrock: a Region or a geography costs 1.1 times as much",
    "clouds 2": "Bedrock: Converse counts input without the cache",
    "clouds 3": "Bedrock: other tiers and faster hardware have other prices",
    "clouds 4": "Bedrock: an application inference profile hides the model",
    "clouds 5": "Bedrock: models of OpenAI cost the list price globally",
    "clouds 6": "Vertex AI: regional and multi-region endpoints cost 1.1 times as much",
    "clouds 7": "Azure AI Foundry: Claude costs the list price, 1.1 times in a US data zone",
    "clouds 8": "Azure: the kind of deployment decides, and no reply shows it",
    "clouds 9": "Azure: only the reply names the model",
    "clouds 10": "On a cloud, a factor that is not listed is unknown",
    "general 1": "Counts include the cache or not, by API",
    "general 2": "A threshold is crossed by more than it, and for the whole request",
    "general 3": "Six things decide a price",
    "general 4": "Unknown is never zero",
    "general 5": "The day of the call decides",
    "general 6": "An announced price may never come",
    "general 7": "A model's name does not say who bills",
}
"""What each rule says, in short."""


def cited(text: str) -> Iterator[str]:
    """The rules that `anthropic 1, 11` stands for: `anthropic 1`, `anthropic 11`."""
    group, _, numbers = text.partition(" ")
    for number in numbers.split(","):
        yield f"{group} {number.strip()}"


def explained(rules: Iterable[str | None]) -> list[str]:
    """One line for every rule that lines of a bill cite, and where all is said; empty for none."""
    known = {rule for text in rules if text for rule in cited(text)}
    found = [f"  {rule}: {says}." for rule, says in RULES.items() if rule in known]
    return [f"Rules ({PAGE}):", *found] if found else []
