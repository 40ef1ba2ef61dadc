# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Totals do not depend on how traces are sampled: from real processes to a real store."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from otel_llmcost.emulator import Emulator
from tests.support.daemon_process import Served, daemon
from tests.support.schema_store import with_schema

pytestmark = pytest.mark.slow

SCRIPT = Path(__file__).with_name("sampled_app.py")

SETTINGS: dict[str, dict[str, str]] = {
    "always_off": {"OTEL_TRACES_SAMPLER": "always_off"},
    "ratio": {"OTEL_TRACES_SAMPLER": "traceidratio", "OTEL_TRACES_SAMPLER_ARG": "0.5"},
    "no_exporter": {"OTEL_TRACES_EXPORTER": "none"},
    "span_and_event": {"LLMCOST_EVENTS": "always"},
    "endpoint": {},
    "record_only": {},
    "no_provider": {},
    "overflow": {},
}
"""Service name: what its process gets. Its calls are the same."""

BY_ITSELF = ("record_only", "no_provider", "overflow")
TO_ENDPOINT = ("endpoint", "no_provider")


class Reported(NamedTuple):
    """What the provider billed and what the store says, of one process."""

    billed: Decimal
    replies: int
    calls: dict[str, Any]
    trust: dict[str, Any]


@pytest.fixture(scope="module")
def reported(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Reported]]:
    with ExitStack() as stack:
        store = with_schema(tmp_path_factory.mktemp("sampling") / "store")
        served = stack.enter_context(daemon(store))
        emulators = {name: stack.enter_context(Emulator(seed=0)) for name in SETTINGS}
        running = {
            name: stack.enter_context(_start(name, served, emulators[name])) for name in SETTINGS
        }
        for name, process in running.items():
            output, _ = process.communicate(timeout=120)
            assert process.returncode == 0, f"{name}:\n{output}"
        found: dict[str, Reported] = {}
        for name, emulator in emulators.items():
            ledger = emulator.ledger
            wanted = None if name == "overflow" else len(ledger.entries)
            calls = _calls(served, name, wanted)
            (trust,) = served.rows(
                "SELECT sum(lost_records) AS lost, sum(duplicate_records) AS twice"
                f" FROM llmcost.trust WHERE service = '{name}'"
            )
            found[name] = Reported(ledger.total, len(ledger.entries), calls, trust)
        yield found


def _start(name: str, served: Served, emulator: Emulator) -> subprocess.Popen[str]:
    hidden = ("OTEL_", "LLMCOST_", "ANTHROPIC_", "OPENAI_")
    environment = {k: v for k, v in os.environ.items() if not k.startswith(hidden)}
    environment |= emulator.environment()
    environment |= {
        "OTEL_SERVICE_NAME": name,
        "OTEL_EXPORTER_OTLP_ENDPOINT": served.otlp_http,
        "OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf",
        "OTEL_METRICS_EXPORTER": "none",
        **SETTINGS[name],
    }
    if name in TO_ENDPOINT:
        environment["LLMCOST_OTLP_ENDPOINT"] = served.otlp_http
    if name == "no_provider":
        del environment["OTEL_EXPORTER_OTLP_ENDPOINT"]
    command = [sys.executable, "-m", "tests.demo.sampled_app", name]
    if name not in BY_ITSELF:
        command.insert(0, str(Path(sys.executable).with_name("opentelemetry-instrument")))
    return subprocess.Popen(
        command,
        env=environment,
        cwd=SCRIPT.parents[2],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def _calls(served: Served, name: str, wanted: int | None) -> dict[str, Any]:
    """What the store counts, once that is `wanted` or after a while.

    Spans of other emitters for the same replies are set aside by the store's next pass.
    """
    where = f"service = '{name}'"
    answer: dict[str, Any] = {}
    for _ in range(75):
        (answer,) = served.rows(
            "SELECT toUInt32(count()) AS calls, toString(sum(cost_usd)) AS usd,"
            " toUInt32(countIf(feature != 'parcels')) AS untagged,"
            f" toUInt32(uniqExact(record_id)) AS records FROM llmcost.calls WHERE {where}"
        )
        if wanted is None or answer["calls"] == wanted:
            break
        time.sleep(0.2)
    return answer


@pytest.mark.parametrize("name", [name for name in SETTINGS if name != "overflow"])
def test_the_store_equals_the_ledger(reported: dict[str, Reported], name: str) -> None:
    it = reported[name]
    assert it.replies == 40
    assert it.calls["calls"] == it.replies
    assert Decimal(it.calls["usd"]) == it.billed
    assert it.calls["untagged"] == 0
    assert int(it.trust["lost"] or 0) == 0


def test_what_an_overflowing_queue_drops_is_counted_as_lost(reported: dict[str, Reported]) -> None:
    it = reported["overflow"]
    assert 0 < it.calls["calls"] < it.replies
    assert int(it.trust["lost"]) == it.replies - it.calls["calls"]


def test_span_and_event_of_one_reply_are_one_call(reported: dict[str, Reported]) -> None:
    it = reported["span_and_event"]
    assert it.calls["calls"] == it.calls["records"] == it.replies
