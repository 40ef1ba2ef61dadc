# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""A daemon that restricted itself reads and writes its store, and nothing else."""

from __future__ import annotations

import json
import stat
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from otel_llmcost.serve import confinement, landlock
from tests.serve.running import Running, get
from tests.support.schema_store import with_schema

pytestmark = pytest.mark.skipif(bool(landlock.missing()), reason=landlock.missing())

SERVE = """
import sys
from pathlib import Path
from otel_llmcost.serve import Daemon, ServeConfig
from otel_llmcost.serve.receivers import Receiver
hook = Receiver("exec", sys.argv[2])
daemon = Daemon(ServeConfig(store=Path(sys.argv[1]), otlp_grpc_port=0, otlp_http_port=0,
    clickhouse_port=0, web_port=0, detect_s=0.2, receivers=(hook,), landlock=True))
daemon.start()
daemon.wait()
"""


@pytest.fixture(scope="module")
def confined(daemon: Running) -> Running:
    """`python -m otel_llmcost.serve` restricts itself, as `otel-llmcost serve` does."""
    assert daemon.facts["landlock"] == "on"
    return daemon


def test_it_says_so(confined: Running) -> None:
    assert json.loads(get(f"{confined.facts['web']}/healthz").body)["landlock"] == "on"


def test_no_thread_of_the_engine_reads_other_files(confined: Running, canary: Path) -> None:
    """As admin, whose statements may call file(): only the operating system is in the way."""
    places = [canary, confined.store / "passwords.json", confined.store / "daemon.json"]
    main_thread = f"/proc/self/task/{confined.facts['pid']}/environ"
    environment = ["/proc/self/environ", "/proc/thread-self/environ", main_thread]
    sqls = [f"SELECT file('{place}')" for place in (*places, "/etc/passwd", *environment)]
    # Spread over the engine's thread pool, and started from several threads of ours.
    sqls.append(
        f"SELECT max(length(file('{canary}'))) FROM numbers_mt(1000000) SETTINGS max_threads=8"
    )
    with ThreadPoolExecutor(8) as clients:
        replies = list(clients.map(lambda sql: confined.sql(sql, "admin"), sqls * 3))
    assert {reply.status for reply in replies} == {500}
    assert all(b"Permission denied" in reply.body for reply in replies)


@pytest.mark.parametrize("place", ["/etc/ssl/private", "/etc/pki/tls/private", "/etc/pki/rpm-gpg"])
def test_certificates_are_readable_and_their_keys_are_not(place: str, tmp_path: Path) -> None:
    allowed = [path for path, _ in confinement._allowed(tmp_path, tmp_path)]  # pyright: ignore[reportPrivateUsage]
    assert Path("/etc/ssl/certs") in allowed
    assert [path for path in allowed if Path(place).is_relative_to(path)] == []


def test_no_table_leads_out(confined: Running, canary: Path, tmp_path: Path) -> None:
    made = tmp_path / "made"
    for place in (canary, made):
        table = f"CREATE OR REPLACE TABLE llmcost.out (s String) ENGINE = File(TSV, '{place}')"
        confined.sql(table, "admin")
        confined.sql("INSERT INTO llmcost.out VALUES ('x')", "admin")
        assert confined.sql("SELECT * FROM llmcost.out", "admin").body.count(b"CANARY") == 0
        confined.sql("DROP TABLE IF EXISTS llmcost.out", "admin")
    assert canary.read_text() == "CANARY"
    assert not made.exists()


def test_commands_that_get_notices_run_outside_with_the_umask_of_serve(
    tmp_path: Path,
) -> None:
    reported = tmp_path / "reported"
    command = f"{sys.executable} -c \"open('{reported}', 'w').write(input())\""
    store = with_schema(tmp_path / "store")
    process = subprocess.Popen([sys.executable, "-c", SERVE, str(store), command], umask=0o027)
    try:
        note = store / "daemon.json"
        deadline = time.monotonic() + 180
        while not note.exists() and time.monotonic() < deadline and process.poll() is None:
            time.sleep(0.1)
        facts = json.loads(note.read_text())
        assert facts["landlock"] == "on"
        running = Running(process, facts, store)
        spent = (
            "INSERT INTO llmcost.budgets (name, scope, scope_value, period, amount_usd) "
            "VALUES ('all', 'total', '', 'day', 0.000001)"
        )
        assert running.sql(spent, "admin").status == 200
        call = (
            "INSERT INTO llmcost.llm_calls (ts, record_id, service, provider, cost_usd, "
            "cost_status) "
            "SELECT now64(), 'r1', 's', 'openai', 5, 'priced'"
        )
        assert running.sql(call, "admin").status == 200
        while not reported.exists() and time.monotonic() < deadline:
            time.sleep(0.1)
        assert json.loads(reported.read_text())["notice_id"]
        assert stat.S_IMODE(reported.stat().st_mode) == 0o640
    finally:
        process.terminate()
        process.wait(60)
    assert not note.exists()
