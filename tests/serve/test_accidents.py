# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""What happens to a store from outside, and that a daemon starts and goes on with it."""

from __future__ import annotations

import json
import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from otel_llmcost.cli.app import app
from tests.ingest.bodies import records
from tests.serve.running import Running, get
from tests.support.schema_store import with_schema
from tools.chaos.scenarios import fill

pytestmark = pytest.mark.slow

TOTAL = "SELECT count() FROM calls"


def health(daemon: Running) -> tuple[int, str]:
    reply = get(f"{daemon.facts['otlp_http']}/healthz")
    return reply.status, reply.body.decode()


def wait_until_healthy(daemon: Running) -> dict[str, Any]:
    deadline = time.monotonic() + 60
    while (found := health(daemon))[0] != 200:
        assert time.monotonic() < deadline, found
        time.sleep(0.5)
    return json.loads(found[1])


@contextmanager
def serving(store: Path) -> Iterator[Running]:
    daemon = Running.start(store)
    try:
        yield daemon
    finally:
        assert daemon.stop() == 0


def stored(store: Path) -> dict[str, list[Path]]:
    """Makes a store with three parts of calls; the parts of each table, the largest first."""
    with serving(with_schema(store)) as daemon:
        for number in range(3):
            assert daemon.otlp("traces", records(2, first=2 * number)).status == 200
        found = daemon.sql(
            "SELECT table, path FROM system.parts WHERE active AND database = 'llmcost' "
            "ORDER BY table, rows DESC, name",
            "admin",
        )
    parts: dict[str, list[Path]] = {}
    for line in found.body.decode().splitlines():
        table, path = line.split("\t")
        parts.setdefault(table, []).append(Path(path))
    return parts


def flip(part: Path) -> None:
    """Damage that shows when the part is read."""
    file = max(part.glob("*.bin"), key=lambda file: file.stat().st_size)
    data = bytearray(file.read_bytes())
    data[16:200] = bytes(byte ^ 0x55 for byte in data[16:200])
    file.write_bytes(data)


def test_a_part_that_cannot_be_read_is_named_and_can_be_detached_while_records_arrive(
    tmp_path: Path,
) -> None:
    part = stored(tmp_path / "store")["llm_calls"][0]
    flip(part)
    with serving(tmp_path / "store") as daemon:
        assert daemon.otlp("traces", records(1, first=100)).status == 200
        status, said = health(daemon)
        assert status == 503
        detach = f"ALTER TABLE llmcost.llm_calls DETACH PART '{part.name}'"
        assert f"the part {part.name} of llm_calls is corrupt" in said
        assert f"`{detach}`" in said
        assert daemon.rows("SELECT count() FROM llmcost.prices")[0][0] > 1000
        assert daemon.sql(detach, "admin").status == 200
        assert wait_until_healthy(daemon)["warnings"] == []
        assert daemon.rows("SELECT count(), toString(sum(cost_usd)) FROM calls") == [[5, "0.0225"]]


def test_a_part_that_cannot_be_loaded_is_named_as_missing(tmp_path: Path) -> None:
    part = stored(tmp_path / "store")["llm_calls"][0]
    (part / "columns.txt").write_text("garbage")
    with serving(tmp_path / "store") as daemon:
        [warning] = wait_until_healthy(daemon)["warnings"]
        assert "a part of llm_calls was corrupt and is set aside" in warning
        assert f"broken-on-start_{part.name}" in warning
        doctor = CliRunner().invoke(app, ["doctor", "--format", "json", "--url", str(daemon.store)])
        [damaged] = [row for row in json.loads(doctor.stdout) if row["check"] == "damaged part"]
        assert (damaged["state"], damaged["found"]) == ("warn", warning)
        assert daemon.otlp("traces", records(1, first=100)).status == 200
        assert daemon.rows(TOTAL) == [[5]]
        drop = warning.split("`")[1]
        assert daemon.sql(drop, "admin").status == 200
        assert wait_until_healthy(daemon)["warnings"] == []


def test_a_corrupt_journal_of_migrations_does_not_stop_a_store_that_has_its_tables(
    tmp_path: Path,
) -> None:
    part = stored(tmp_path / "store")["schema_journal"][0]
    flip(part)
    with serving(tmp_path / "store") as daemon:
        assert daemon.otlp("traces", records(1, first=100)).status == 200
        assert daemon.rows(TOTAL) == [[7]]
        detach = f"ALTER TABLE llmcost.schema_journal DETACH PART '{part.name}'"
        assert daemon.sql(detach, "admin").status == 200
        noted = "SELECT count() > 100 FROM llmcost.schema_journal"
        deadline = time.monotonic() + 60
        while daemon.sql(noted, "admin").body != b"1\n":
            assert time.monotonic() < deadline, "the schema was not applied again"
            time.sleep(0.5)
        assert daemon.rows(TOTAL) == [[7]]


def test_a_killed_daemons_file_does_not_stop_the_next_one_though_its_pid_is_in_use(
    tmp_path: Path,
) -> None:
    with serving(tmp_path / "store") as daemon:
        reported = (daemon.store / "daemon.json").read_text()
    stale = json.loads(reported) | {"pid": os.getpid()}
    (tmp_path / "store" / "daemon.json").write_text(json.dumps(stale))
    with serving(tmp_path / "store") as daemon:
        assert daemon.rows(TOTAL) == [[0]]


def test_a_daemon_starts_on_a_full_disk_reads_and_takes_records_once_there_is_space(
    tmp_path: Path,
) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=512m", "tmpfs", str(disk)]
    try:
        subprocess.run(mount, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("needs to mount a file system (root)")
    try:
        stored(disk / "store")
        fill(disk / "ballast")
        with serving(disk / "store") as daemon:
            assert daemon.rows(TOTAL) == [[6]]
            assert daemon.otlp("traces", records(1, first=100)).status == 503
            insert = daemon.sql("INSERT INTO llmcost.budgets (name) FORMAT CSV", "admin", b"x\n")
            assert (insert.status, insert.headers["x-clickhouse-exception-code"]) == (503, "243")
            status, said = health(daemon)
            assert status == 503
            assert "the disk is full: 0 MB free" in said
            (disk / "ballast").unlink()
            assert daemon.otlp("traces", records(1, first=100)).status == 200
            assert daemon.rows(TOTAL) == [[7]]
    finally:
        subprocess.run(["umount", "--lazy", disk], check=True)


def test_a_store_that_was_moved_away_for_a_moment_takes_records_again(tmp_path: Path) -> None:
    with serving(tmp_path / "store") as daemon:
        assert daemon.otlp("traces", records(2)).status == 200
        away = daemon.store.rename(tmp_path / "away")
        for number in range(2, 5):
            assert daemon.otlp("traces", records(1, first=number)).status == 503
        status, said = health(daemon)
        assert status == 503
        assert "cannot be reached (No such file or directory): move it back" in said
        away.rename(daemon.store)
        for number in range(2, 5):
            assert daemon.otlp("traces", records(1, first=number)).status == 200
        assert daemon.rows(TOTAL) == [[5]]
