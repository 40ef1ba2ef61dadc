# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""This package beside genai-prices and LiteLLM: the worked bills each gets right, and its cost.

A peer's bill is exact when any of the settings that it offers for the case (tier, batch, speed, API
flavor; date) gives the amount. A fresh process per round, in turns, so that all meet the same
machine.
"""

from __future__ import annotations

import datetime as dt
import importlib.util
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from decimal import Decimal
from importlib import import_module
from pathlib import Path
from typing import Any

from rich.table import Table

CASES = Path(__file__).parents[1] / "tests/data/billing_cases.jsonl"
PEERS = {
    "otel-llmcost": "otel_llmcost",
    "genai-prices": "genai_prices",
    "LiteLLM": "litellm",
}
AT = dt.datetime(2026, 11, 20, 12, tzinfo=dt.UTC)
ROUNDS = 5
TIMES = 400
TYPICAL: dict[str, Any] = {
    "provider": "anthropic",
    "sdk_call": "messages.create",
    "request": {"model": "claude-opus-5-5"},
    "response": {"model": "claude-opus-5-5", "stop_reason": "end_turn"},
    "usage": {
        "input_tokens": 120,
        "cache_creation_input_tokens": 0,
        "cache_read_input_tokens": 2048,
        "output_tokens": 60,
        "service_tier": "standard",
    },
    "call_date": "2026-11-20",
}
Pricer = Callable[[dict[str, Any]], Iterator[Any]]
"""USD of a case, once for every setting the library offers for it; the plain one first."""


def ours() -> Pricer:
    from otel_llmcost.pricing import price_response

    def prices(case: dict[str, Any]) -> Iterator[Any]:
        yield price_response(
            case["provider"],
            request=case["request"],
            response={**case["response"], "usage": case["usage"]},
            at=AT,
        ).total

    return prices


def ours_with_client_facts() -> Pricer:
    from tests.pricing import billing_cases

    def prices(case: dict[str, Any]) -> Iterator[Any]:
        yield billing_cases.price(case)[0].total

    return prices


def model_of(case: dict[str, Any]) -> str:
    response, request = case["response"], case["request"]
    return response.get("model") or request.get("model") or request.get("modelId")


def genai_prices() -> Pricer:
    package: Any = import_module("genai_prices")
    names = {
        "aws.bedrock": "aws",
        "gcp.vertex_ai": "google",
        "azure.ai.openai": "azure",
        "azure.ai.foundry": "azure",
    }

    def settings(case: dict[str, Any]) -> Iterator[tuple[str, dict[str, str] | None]]:
        usage = case["usage"] or {}
        tier = usage.get("service_tier") or case["response"].get("service_tier")
        contexts: list[dict[str, str] | None] = [None]
        if "batch" in case["sdk_call"] or tier == "batch":
            contexts = [{"processing": "batch"}, {"service_tier": "batch"}]
        elif usage.get("speed") == "fast":
            contexts = [{"speed": "fast"}]
        elif tier in ("priority", "fast"):
            contexts = [{"service_tier": "priority"}, {"service_tier": "fast"}, {"speed": "fast"}]
        elif tier not in (None, "standard", "default"):
            contexts = [{"service_tier": tier}]
        first = ("chat",) if "prompt_tokens" in usage else ("default", "responses")
        for flavor in dict.fromkeys((*first, "default", "anthropic", "converse", "embeddings")):
            for context in contexts:
                yield flavor, context

    def price(case: dict[str, Any], flavor: str, context: dict[str, str] | None) -> Any:
        provider = names.get(case["provider"], case["provider"])
        body = {"model": model_of(case), "usage": case["usage"]}
        read = package.extract_usage(body, provider_id=provider, api_flavor=flavor)
        return package.calc_price(
            read.usage,
            model_of(case),
            provider_id=provider,
            genai_request_timestamp=dt.datetime.fromisoformat(f"{case['call_date']}T12:00:00Z"),
            price_context=context,
        ).total_price

    return lambda case: (attempt(price, case, *setting) for setting in settings(case))


def litellm() -> Pricer:
    os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"  # no download
    package: Any = import_module("litellm")
    of_anthropic: Any = import_module("litellm.llms.anthropic.chat.transformation")
    of_responses: Any = import_module("litellm.responses.utils").ResponseAPILoggingUtils
    of_batches: Any = import_module("litellm.cost_calculator").batch_cost_calculator
    read_anthropic = of_anthropic.AnthropicConfig().calculate_usage
    names = {
        "aws.bedrock": "bedrock",
        "gcp.vertex_ai": "vertex_ai",
        "azure.ai.openai": "azure",
        "azure.ai.foundry": "azure_ai",
    }

    def read(case: dict[str, Any]) -> Any:
        usage = case["usage"]
        if "prompt_tokens" in usage:
            return package.Usage(**usage)
        if case["provider"] == "anthropic" or "claude" in model_of(case):
            return read_anthropic(usage_object=usage, reasoning_content=None)
        return of_responses._transform_response_api_usage_to_chat_usage(usage)

    def price(case: dict[str, Any], tier: str | None) -> Any:
        return package.completion_cost(
            completion_response=package.ModelResponse(model=model_of(case), usage=read(case)),
            model=model_of(case),
            custom_llm_provider=names.get(case["provider"], case["provider"]),
            service_tier=tier,
        )

    def batch(case: dict[str, Any]) -> Any:
        provider = names.get(case["provider"], case["provider"])
        return sum(of_batches(read(case), model_of(case), provider))

    def prices(case: dict[str, Any]) -> Iterator[Any]:
        tier = case["response"].get("service_tier")
        if "batch" in case["sdk_call"]:
            yield attempt(batch, case)
            yield attempt(price, case, "batch")
        else:
            yield attempt(price, case, tier)
            if tier == "fast":
                yield attempt(price, case, "priority")

    return prices


def attempt(price: Callable[..., Any], *args: Any) -> Any:
    """What it says; None when it refuses."""
    try:
        return price(*args)
    except Exception:  # noqa: BLE001 - whatever a peer raises means that it has no price
        return None


def exact(prices: Pricer, case: dict[str, Any]) -> bool:
    """To a billionth, in any of its settings; an unknown price must not be reported as 0."""
    found = list(prices(case))
    if case["expected_usd"] is None:
        return all(usd is None for usd in found)
    expected = Decimal(case["expected_usd"])
    known = [Decimal(str(usd)) for usd in found if usd is not None]
    return any(abs(usd - expected) <= Decimal("1E-9") for usd in known)


def megabytes() -> float:
    with open("/proc/self/statm") as statm:
        return int(statm.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20


def measure(name: str, with_cases: bool) -> dict[str, float]:
    """Runs in a process of its own."""
    import decimal  # noqa: F401 - what any program that counts money has loaded already

    before = megabytes()
    start = time.perf_counter()
    prices = {"otel-llmcost": ours, "genai-prices": genai_prices, "LiteLLM": litellm}[name]()
    assert next(prices(TYPICAL)) is not None
    result = {"cold_ms": (time.perf_counter() - start) * 1e3, "mb": megabytes() - before}
    start = time.perf_counter()
    for _ in range(TIMES):
        next(prices(TYPICAL))
    result["us"] = (time.perf_counter() - start) / TIMES * 1e6
    if with_cases:
        if name == "otel-llmcost":
            prices = ours_with_client_facts()
        cases = [json.loads(line) for line in CASES.read_text(encoding="utf-8").splitlines()]
        result["exact"] = sum(exact(prices, case) for case in cases)
        result["cases"] = len(cases)
    return result


def run(name: str, with_cases: bool) -> dict[str, float]:
    command = [sys.executable, "-m", "benchmarks.exactness", name, str(int(with_cases))]
    out = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    return json.loads(out.stdout.splitlines()[-1])


def table() -> Table:
    """Exact bills, time of a priced call, and what the first one costs a process."""
    result = Table(title="exactness and cost beside other price libraries")
    for column in ("library", "exact bills", "µs/call min", "median", "first use ms", "MB"):
        result.add_column(column, justify="left" if column == "library" else "right")
    here = [name for name, module in PEERS.items() if importlib.util.find_spec(module)]
    rounds = {name: [run(name, True)] for name in here}
    for _ in range(ROUNDS - 1):
        for name in here:
            rounds[name].append(run(name, False))
    for name in PEERS:
        if name not in rounds:
            result.add_row(name, "not installed: make bench installs it")
            continue
        samples = rounds[name]
        times = [sample["us"] for sample in samples]
        result.add_row(
            name,
            f"{samples[0]['exact']:.0f} of {samples[0]['cases']:.0f}",
            f"{min(times):.1f}",
            f"{statistics.median(times):.1f}",
            f"{statistics.median(sample['cold_ms'] for sample in samples):.0f}",
            f"{statistics.median(sample['mb'] for sample in samples):.1f}",
        )
    return result


if __name__ == "__main__":
    print(json.dumps(measure(sys.argv[1], sys.argv[2] == "1")))
