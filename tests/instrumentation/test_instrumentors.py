# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""The instrumentors are what OpenTelemetry's loader and its distributions expect."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.metadata import entry_points
from typing import Any

import pytest
from opentelemetry.instrumentation.distro import (  # pyright: ignore[reportMissingTypeStubs] - has none
    DefaultDistro,
)
from opentelemetry.instrumentation.instrumentor import (  # pyright: ignore[reportMissingTypeStubs] - has none
    BaseInstrumentor,
)

from otel_llmcost.instrumentation import uninstrument
from otel_llmcost.instrumentation.anthropic import AnthropicCostInstrumentor
from otel_llmcost.instrumentation.openai import OpenAICostInstrumentor

CLASSES: list[Any] = [AnthropicCostInstrumentor, OpenAICostInstrumentor]


@pytest.fixture(autouse=True)
def off() -> Iterator[None]:
    uninstrument()
    yield
    uninstrument()


@pytest.mark.parametrize("kind", CLASSES)
def test_an_instrumentor_has_all_that_opentelemetrys_base_has(kind: Any) -> None:
    public = {name for name in dir(BaseInstrumentor) if not name.startswith("_")}
    assert public <= set(dir(kind()))
    assert kind() is kind()
    assert CLASSES[0]() is not CLASSES[1]()


@pytest.mark.parametrize("name", ["llmcost_anthropic", "llmcost_openai"])
def test_the_loader_of_opentelemetry_turns_it_on(name: str) -> None:
    (entry,) = entry_points(group="opentelemetry_instrumentor", name=name)
    instrumentor = entry.load()()
    assert not instrumentor.is_instrumented_by_opentelemetry
    DefaultDistro().load_instrumentor(entry, skip_dep_check=True)
    assert instrumentor.is_instrumented_by_opentelemetry
    instrumentor.uninstrument()
    assert not instrumentor.is_instrumented_by_opentelemetry
