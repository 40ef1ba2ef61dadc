# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""`otel-llmcost demo` as a newcomer runs it, twice in a row, and the commands it prints."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import shlex
import signal
import subprocess
import sys
import time
import urllib.request
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pytest

from otel_llmcost.demo import proof
from otel_llmcost.store import open_store
from tests.support.daemon_process import daemon

pytestmark = pytest.mark.slow

CLI = [sys.executable, "-m", "otel_llmcost.cli"]
VERDICT = re.compile(r"store total = provider ledger total = \$([0-9.]+) \((\d+) replies; (.*)\)")


def _demo(store: Path) -> str:
    # A newcomer's own telemetry settings must not lead the demo astray.
    environment = {**os.environ, "OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:9"}
    done = subprocess.run(
        [*CLI, "demo", "--store", str(store)],
        capture_output=True,
        text=True,
        timeout=300,
        env=environment,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def _printed(output: str, verb: str) -> list[str]:
    (line,) = [line for line in output.splitlines() if f"otel-llmcost {verb}" in line]
    command = shlex.split(line[line.index("otel-llmcost") :])
    return [*CLI, *command[1:]]


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[str]]:
    store = tmp_path_factory.mktemp("demo") / "store"
    return store, [_demo(store), _demo(store)]


def test_the_totals_agree_also_the_second_time(demo: tuple[Path, list[str]]) -> None:
    for output in demo[1]:
        verdict = VERDICT.search(output)
        assert verdict is not None, output
        assert Decimal(verdict[1]) > 0
        assert int(verdict[2]) > 80
        assert verdict[3] == "calls, rollup and page"


def test_the_history_is_sent_once(demo: tuple[Path, list[str]]) -> None:
    first, second = demo[1]
    assert re.search(r"sent \d,\d{3} calls", first)
    assert "in the store already" in second


def test_the_demo_shows_features_caching_and_what_went_wrong(demo: tuple[Path, list[str]]) -> None:
    for output in demo[1]:
        for feature in ("support.reply", "docs.search", "code.review", "extract.invoice"):
            assert feature in output
        assert re.search(r"Cache hit rate [1-9]\d\.\d%", output)
        found = re.findall(r"^([A-Z][a-z -]+) in (\S+) on .*: \$0\.\d+ too much", output, re.M)
        assert sorted(found) == [
            ("Cache collapse", "code.review"),
            ("Loop", "docs.search"),
            ("Prompt growth", "summarize.ticket"),
        ]


def test_the_demo_ends_with_savings_the_providers_confirm(demo: tuple[Path, list[str]]) -> None:
    for output in demo[1]:
        reported = output[output.index("best savings of") :]
        found = re.findall(r"\$(\d+\.\d+) of \S+ in (\S+): (\w+) \(.*✓ re-billed", reported)
        assert {(feature, lever) for _, feature, lever in found} == {
            ("report.nightly", "batch"),
            ("mail.triage", "standard_tier"),
            ("policy.check", "cache_ttl"),
            ("faq.answer", "duplicate_requests"),
            ("product.describe", "cap_output"),
        }


def test_every_saving_of_the_history_is_what_the_providers_bill_less(
    demo: tuple[Path, list[str]],
) -> None:
    store = demo[0]
    end = datetime.fromisoformat(json.loads((store / "demo-history.json").read_text())["end"])
    with daemon(store) as served:  # a test process may have another embedded store open
        view = open_store(served.url)
        try:
            found = proof.savings(view.query, end, best=1_000)
        finally:
            view.close()
    known = [lever for lever in found if lever.rebilled is not None]
    assert {lever.row["lever"] for lever in known} >= {"cheaper_model", "cache_ttl", "batch"}
    for lever in known:
        assert lever.rebilled == lever.row["saving_usd"], lever.row


def test_the_printed_query_runs(demo: tuple[Path, list[str]]) -> None:
    store, (_, output) = demo
    command = [*_printed(output, "query"), "--format", "csv"]
    answer = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    rows = list(csv.DictReader(io.StringIO(answer.stdout)))
    assert {row["feature"] for row in rows} >= {"support.reply", "summarize.ticket"}
    totals = [Decimal(m[1]) for m in (VERDICT.search(o) for o in demo[1]) if m]
    assert sum(Decimal(row["usd"]) for row in rows) == sum(totals)
    assert store.is_dir()


def test_the_printed_serve_shows_the_store(demo: tuple[Path, list[str]]) -> None:
    store, (_, output) = demo
    ports = ["--otlp-grpc-port=0", "--otlp-http-port=0", "--clickhouse-port=0", "--web-port=0"]
    process = subprocess.Popen(
        [*_printed(output, "serve"), *ports], stderr=subprocess.PIPE, text=True
    )
    try:
        facts = store / "daemon.json"
        deadline = time.monotonic() + 30
        while not facts.exists():
            assert process.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.1)
        page = json.loads(facts.read_text())["web"]
        with urllib.request.urlopen(f"{page}/?environment=demo") as reply:
            assert "summarize.ticket" in reply.read().decode()
    finally:
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=30)
    assert process.returncode == 0
