# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""`otel-llmcost serve --webhook URL` notifies by itself, and after a restart nothing twice."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import pytest
from click.testing import CliRunner

from otel_llmcost.cli.app import app
from otel_llmcost.store import open_store
from tests.support.schema_store import with_schema
from tests.support.waiting import wait_until
from tests.watch.conftest import Listener
from tests.watch.rows import anomaly

pytestmark = pytest.mark.slow

SCRIPT = """
import sys
from pathlib import Path
from otel_llmcost.serve import Daemon, ServeConfig
from otel_llmcost.serve.receivers import Receiver

ports = dict(otlp_grpc_port=0, otlp_http_port=0, clickhouse_port=0, web_port=0)
receivers = (Receiver("webhook", sys.argv[2]),)
daemon = Daemon(ServeConfig(store=Path(sys.argv[1]), detect_s=0.3, receivers=receivers, **ports))
daemon.start()
daemon.wait()
"""


@contextmanager
def serving(store: Path, url: str) -> Generator[None]:
    process = subprocess.Popen([sys.executable, "-c", SCRIPT, str(store), url])
    try:
        wait_until(lambda: (store / "daemon.json").exists() or process.poll() is not None)
        assert process.poll() is None
        yield
    finally:
        process.terminate()
        process.wait(60)


def note(path: Path, name: str) -> None:
    store = open_store(f"chdb://{path}")
    try:
        anomaly(store, name, feature=name)
    finally:
        store.close()


def test_the_daemon_notifies_and_remembers(tmp_path: Path, listener: Listener) -> None:
    path = with_schema(tmp_path / "store")
    for name in ("first", "second"):
        with serving(path, listener.url):
            note(path, name)
            wait_until(
                lambda: any(one["facts"]["feature"] == name for one in listener.heard)  # noqa: B023 - called at once
            )
    assert [reported["facts"]["feature"] for reported in listener.heard] == ["first", "second"]


def test_serve_refuses_an_address_before_it_starts(tmp_path: Path) -> None:
    done = CliRunner().invoke(app, ["serve", "--store", str(tmp_path), "--webhook", "nowhere"])
    assert done.exit_code == 1
    assert "--webhook needs an http:// or https:// address" in done.output
