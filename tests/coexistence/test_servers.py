# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Real servers under `opentelemetry-instrument`: what the store sums up is what was billed."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest

from otel_llmcost.emulator import Emulator
from otel_llmcost.store import Store
from tests.coexistence.conftest import ROOT
from tests.coexistence.sink import Sink, ingest
from tests.support.waiting import wait_until

BIN = Path(sys.executable).parent
APP = "tests.coexistence.scenarios.web"
SERVERS = {
    "uvicorn": ["uvicorn", f"{APP}:fast_app", "--log-level=warning", "--port={port}"],
    "flask": ["flask", f"--app={APP}:flask_app", "run", "--with-threads", "--port={port}"],
    "gunicorn": ["gunicorn", "--preload", "--workers=3", "--threads=4", "--bind=127.0.0.1:{port}",
                 "--no-control-socket", f"{APP}:flask_app"],
}  # fmt: skip
OFTEN = "200"
"""Milliseconds between exports: servers that die of a signal do not send what waits."""


@pytest.mark.parametrize("server", SERVERS)
def test_the_store_sums_up_what_a_server_was_billed(
    environment: dict[str, str],
    emulator: Emulator,
    sink: Sink,
    embedded_store: Store,
    server: str,
) -> None:
    with serving(server, environment) as url, ThreadPoolExecutor(8) as visitors:
        answers = list(visitors.map(get, [url + path for path in ("/claude", "/gpt") * 20]))
        assert len(answers) == 40
        wait_until(lambda: len(sink.records) >= 40)
    ingest(sink)
    embedded_store.refresh()
    billed: dict[str, list[Decimal]] = {"claude": [], "gpt": []}
    for entry in emulator.ledger.entries:
        billed["claude" if entry.provider == "anthropic" else "gpt"].append(entry.usd)
    assert embedded_store.query(
        "SELECT feature, count(), sum(cost_usd) FROM llmcost.calls GROUP BY ALL ORDER BY feature"
    ).rows == [(feature, 20, sum(usd)) for feature, usd in billed.items()]


@contextmanager
def serving(server: str, environment: dict[str, str]) -> Iterator[str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    name, *arguments = (part.format(port=port) for part in SERVERS[server])
    running = subprocess.Popen(
        [BIN / "opentelemetry-instrument", BIN / name, *arguments],
        cwd=ROOT,
        env=environment | {
            "OTEL_TRACES_EXPORTER": "otlp",
            "OTEL_LOGS_EXPORTER": "otlp",
            "OTEL_BSP_SCHEDULE_DELAY": OFTEN,
            "OTEL_BLRP_SCHEDULE_DELAY": OFTEN,
            "PATH": f"{BIN}:{os.environ['PATH']}",
        },
        start_new_session=True,
    )  # fmt: skip
    url = f"http://127.0.0.1:{port}"
    try:
        wait_until(lambda: get(url + "/ready") is not None)
        yield url
    finally:
        os.killpg(running.pid, signal.SIGTERM)
        try:
            running.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(running.pid, signal.SIGKILL)
            raise


def get(url: str) -> bytes | None:
    """The body; None while nothing listens. Other failures of the application are raised."""
    try:
        with urlopen(url, timeout=30) as answer:
            return answer.read()
    except URLError as error:
        if isinstance(error.reason, ConnectionError):
            return None
        raise
