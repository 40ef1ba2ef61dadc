# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Applications in processes of their own, the emulated providers, and what they reported.

Instrumentors patch globally and frameworks drag in half the world, so each scenario is a fresh
interpreter of an environment of its own: `make test-coexistence`.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest

from otel_llmcost.emulator import Emulator
from tests.coexistence.sink import Sink
from tests.support.embedded import embedded_store

__all__ = ["embedded_store"]

# Elsewhere one visible skip, in test_environment.py, says how to run them.
collect_ignore = (
    []
    if find_spec("openinference")
    else [path.name for path in Path(__file__).parent.glob("test_*.py")]
)
if collect_ignore:
    collect_ignore.remove("test_environment.py")

ROOT = Path(__file__).parents[2]
RunApp = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def emulator() -> Iterator[Emulator]:
    with Emulator(seed=5) as running:
        yield running


@pytest.fixture
def sink() -> Iterator[Sink]:
    with Sink() as running:
        yield running


@pytest.fixture
def environment(emulator: Emulator, sink: Sink, tmp_path: Path) -> dict[str, str]:
    """Environment of an application whose providers and telemetry are on this machine."""
    ours = ("LLMCOST_", "ANTHROPIC_", "OPENAI_", "OTEL_")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    return kept | emulator.environment() | {
        "OTEL_EXPORTER_OTLP_ENDPOINT": sink.url,
        "OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf",
        "OTEL_METRICS_EXPORTER": "none",
        "OTEL_SERVICE_NAME": "coexistence",
        "OPENAI_AGENTS_DISABLE_TRACING": "1",
        "LANGSMITH_TRACING": "false",
        "LLM_USER_PATH": str(tmp_path),
        "LOGFIRE_SEND_TO_LOGFIRE": "false",
        "NO_PROXY": "127.0.0.1",
        "HOME": str(tmp_path),
        "PYTHONPATH": str(ROOT),
    }  # fmt: skip


@pytest.fixture
def run(environment: dict[str, str]) -> RunApp:
    """Run a scenario in a fresh interpreter, with these emitters turned on in this order."""

    def start(scenario: str, *emitters: str, **variables: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "tests.coexistence.app", scenario, *emitters]
        return finish(command, environment | variables)

    return start


def finish(command: list[str], environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Run to the end; a failing application fails the test with what it said."""
    done = subprocess.run(
        command, env=environment, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr[-4000:]
    return done
