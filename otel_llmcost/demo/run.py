# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""`otel-llmcost demo`: the whole pipeline here, checked against the providers' own bill."""

from __future__ import annotations

import importlib.util
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Generator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from otel_llmcost.demo import history, http, proof, show, totals
from otel_llmcost.detection.look import look_at
from otel_llmcost.emulator import Emulator
from otel_llmcost.errors import LLMCostError, MissingExtraError
from otel_llmcost.serve import Daemon, ServeConfig
from otel_llmcost.store import Store, open_store
from otel_llmcost.store.owner import find_owner

LATENCY = 0.03
PATIENCE = 30.0
FLOOR_USD = 0.001
"""A demo spends little: cents are its dollars."""
_NOT_BY_ITSELF = 86_400.0
"""Notices about half a run mislead: one look at its end does not."""
# What the script `opentelemetry-instrument` runs, without depending on PATH.
INSTRUMENT = "from opentelemetry.instrumentation.auto_instrumentation import run; run()"


def main(store: Path = Path(".demo"), *, seed: int = 0) -> int:
    """Run the demo in `store`; 0 when spend and savings agree with the providers' ledger, else 1.

    May be run again and again: the history is sent once per store, every run adds its own calls.
    """
    for sdk in ("anthropic", "openai"):
        if importlib.util.find_spec(sdk) is None:
            raise MissingExtraError("all", "the demo")
    store.mkdir(parents=True, exist_ok=True)
    show.title(store)
    with Emulator(seed=seed, latency=LATENCY) as emulator, _daemon(store) as daemon:
        view = open_store(daemon["http_url"])
        try:
            end, sent = _send_history(store, daemon["otlp_http"])
            show.history(sent)
            earlier = totals.before(view.query, daemon["web"])
            started = datetime.now(UTC)
            show.running()
            _run_app(emulator, daemon["otlp_http"])
            bill = totals.Bill.of(http.get_json(f"{emulator.anthropic_url}/ledger"))
            found = _wait_for(view, daemon["web"], started, earlier, bill)
            show.spend(view.query, started, bill, time.time() - started.timestamp())
            _look_for_anomalies(store)
            show.incidents(view.query, started)
            show.verdict(bill, found)
            levers = proof.savings(view.query, end)
            show.savings(levers)
        finally:
            view.close()
    show.go_on(store)
    return 0 if found.agrees(bill) and all(lever.agrees for lever in levers) else 1


@contextmanager
def _daemon(store: Path) -> Generator[dict[str, str]]:
    """What the store's daemon says about itself; starts one meanwhile when none is running."""
    if find_owner(store) is not None:
        yield json.loads((store / "daemon.json").read_text())
        return
    config = ServeConfig(
        store=store,
        otlp_grpc_port=_free(4317),
        otlp_http_port=_free(4318),
        clickhouse_port=_free(8123),
        web_port=_free(8321),
        refresh_s=0.5,
        detect_s=_NOT_BY_ITSELF,
    )
    with Daemon(config) as daemon:
        yield daemon.facts


def _free(port: int) -> int:
    """The default port, or 0 (any) when somebody has it."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return 0
    return port


def _send_history(store: Path, endpoint: str) -> tuple[datetime, int]:
    """Send the history unless this store has it; returns when it ends and the records sent.

    The note is written before the first byte: a demo that was interrupted sends the same history
    again, and records that are already there do not count twice.
    """
    note = store / "demo-history.json"
    known: dict[str, Any] = json.loads(note.read_text()) if note.exists() else {}
    end = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
    end = datetime.fromisoformat(known["end"]) if known else end
    if known.get("complete"):
        return end, 0
    note.write_text(json.dumps({"end": end.isoformat(), "complete": False}))
    sent = history.send(endpoint, end)
    note.write_text(json.dumps({"end": end.isoformat(), "complete": True}))
    return end, sent


def _run_app(emulator: Emulator, endpoint: str) -> None:
    """The sample app in a process of its own, instrumented from outside like any other app."""
    app = [sys.executable, "-m", "otel_llmcost.demo.app"]
    command = [sys.executable, "-c", INSTRUMENT, *app]
    done = subprocess.run(command, env=_environment(emulator, endpoint), check=False)
    if done.returncode != 0:
        raise LLMCostError(f"the sample app ended with exit code {done.returncode}")


def _environment(emulator: Emulator, endpoint: str) -> dict[str, str]:
    """All that an app needs. Settings of the caller's own telemetry are left out."""
    mine = {k: v for k, v in os.environ.items() if not k.startswith(("OTEL_", "LLMCOST_"))}
    local = ",".join(filter(None, (mine.get("NO_PROXY"), "127.0.0.1")))
    return {
        **mine,
        **emulator.environment(),
        "NO_PROXY": local,
        "no_proxy": local,
        "OTEL_SERVICE_NAME": history.SERVICE,
        "OTEL_RESOURCE_ATTRIBUTES": "deployment.environment.name="
        f"{totals.ENVIRONMENT},service.version=1.5.0",
        "OTEL_EXPORTER_OTLP_ENDPOINT": endpoint,
        "OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf",
        "OTEL_METRICS_EXPORTER": "none",
    }


def _look_for_anomalies(store: Path) -> None:
    """What `serve` does every minute, once: through the daemon, which owns the store."""
    writing = open_store(f"chdb://{store.absolute()}")
    try:
        look_at(writing, datetime.now(UTC), floor_usd=FLOOR_USD)
    finally:
        writing.close()


def _wait_for(
    view: Store, page: str, started: datetime, earlier: totals.Before, bill: totals.Bill
) -> totals.Stored:
    """Read the store until it holds every billed reply, or patience runs out."""
    deadline = time.monotonic() + PATIENCE
    while True:
        found = totals.stored(view.query, page, started, earlier)
        if found.agrees(bill) or time.monotonic() > deadline:
            return found
        time.sleep(0.3)
