# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""How the daemon starts, stops, and survives."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from otel_llmcost.errors import ConfigError
from otel_llmcost.serve import ServeConfig
from otel_llmcost.serve.config import given_token
from otel_llmcost.store import open_store
from tests.ingest.bodies import records
from tests.serve.running import Running, command, get
from tests.support.schema_store import with_schema

pytestmark = pytest.mark.slow


def test_acknowledged_spans_survive_a_kill(tmp_path: Path) -> None:
    running = Running.start(tmp_path / "store")
    for number in range(8):
        assert running.otlp("traces", records(50, first=number * 50)).status == 200
    running.process.send_signal(signal.SIGKILL)
    running.process.wait(30)
    assert (tmp_path / "store" / "daemon.json").exists()
    again = Running.start(tmp_path / "store")
    counts = "SELECT toUInt32(count()) FROM "
    assert again.rows(counts + "otel_traces") == [[400]]
    assert again.rows(counts + "calls") == [[400]]
    assert again.stop() == 0
    assert not (tmp_path / "store" / "daemon.json").exists()


def test_the_note_is_for_this_user_only(daemon: Running) -> None:
    assert (daemon.store / "daemon.json").stat().st_mode & 0o777 == 0o600
    users = daemon.facts["users"]
    assert users["reader"] == ""
    assert len({users["writer"], users["admin"]}) == 2
    assert min(len(users["writer"]), len(users["admin"])) >= 32


def test_a_second_daemon_names_the_first(daemon: Running) -> None:
    second = subprocess.run(command(daemon.store), capture_output=True, text=True, check=False)
    assert second.returncode == 1
    assert second.stderr.count("\n") == 1
    assert f"process {daemon.facts['pid']} already serves" in second.stderr
    assert json.loads((daemon.store / "daemon.json").read_text()) == daemon.facts


@pytest.mark.parametrize("option", ["otlp-grpc", "otlp-http", "clickhouse", "web"])
def test_a_taken_port_names_its_option(tmp_path: Path, option: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        started = subprocess.run(
            command(tmp_path / "store", f"--{option}-port", str(port)),
            capture_output=True,
            text=True,
            check=False,
        )
    assert started.returncode == 1
    assert f"--{option}-port" in started.stderr
    assert len(started.stderr.splitlines()) == 1
    assert not (tmp_path / "store" / "daemon.json").exists()


def test_it_serves_over_ipv6_and_is_found_there(tmp_path: Path) -> None:
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError as error:
        pytest.skip(f"no IPv6 here: {error}")
    store = tmp_path / "store"
    started = subprocess.Popen(command(with_schema(store), "--host", "::1"))
    try:
        running = _wait_for(store, started)
        assert running.facts["web"].startswith("http://[::1]:")
        assert running.otlp("traces", records(1)).status == 200
        assert get(running.facts["web"]).status == 200
        with open_store(f"chdb://{store}") as found:
            assert found.query("SELECT count() FROM otel_traces").rows == [(1,)]
    finally:
        started.send_signal(signal.SIGINT)
        assert started.wait(30) == 0


def test_an_endless_query_ends_with_the_daemon_and_gets_the_reason(tmp_path: Path) -> None:
    store, problems = tmp_path / "store", tmp_path / "stderr"
    endless = "SELECT count() FROM numbers(100000000000000) WHERE NOT ignore(sipHash64(number))"
    with problems.open("w") as file, ThreadPoolExecutor(1) as client:
        started = subprocess.Popen(command(with_schema(store)), stderr=file)
        running = _wait_for(store, started)
        requested = client.submit(running.sql, endless)
        while b"sipHash64" not in running.sql("SELECT query FROM system.processes", "admin").body:
            time.sleep(0.1)
        started.send_signal(signal.SIGINT)
        reply = requested.result()
        assert reply.body.startswith(b"Code: 236. DB::Exception: the daemon was stopped"), reply
        assert started.wait(60) == 0
    assert "Traceback" not in problems.read_text()


def test_passwords_that_cannot_be_kept_are_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / "passwords.json").mkdir()
    started = subprocess.run(command(tmp_path), capture_output=True, text=True, check=False)
    assert started.returncode == 1
    assert len(started.stderr.splitlines()) == 1
    assert "passwords" in started.stderr


def test_an_address_open_to_others_needs_a_token(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="--token"):
        ServeConfig(store=tmp_path, host="0.0.0.0")
    assert not ServeConfig(store=tmp_path, host="0.0.0.0", token="t").is_local


@pytest.mark.parametrize("way", ["option", "file", "variable"])
def test_with_a_token_no_one_gets_in_without_it(tmp_path: Path, way: str) -> None:
    file = tmp_path / "token"
    file.write_text("sesame\n")
    options = {"option": ("--token", "sesame"), "file": ("--token-file", str(file))}.get(way, ())
    variable = {"LLMCOST_TOKEN": "sesame"} if way == "variable" else {}
    started = subprocess.Popen(
        command(with_schema(tmp_path / "store"), *options), env={**os.environ, **variable}
    )
    try:
        running = _wait_for(tmp_path / "store", started)
        facts = running.facts
        for url in (
            f"{facts['otlp_http']}/metrics",
            facts["web"],
            f"{facts['http_url']}/?query=SELECT+1",
        ):
            assert get(url).status in (401, 403)
            assert get(url, Authorization="Bearer wrong").status in (401, 403)
            assert get(url, Authorization="Bearer sesame").status == 200
        assert running.otlp("traces", records(1)).status == 401
        assert running.otlp("traces", records(1), Authorization="Bearer sesame").status == 200
    finally:
        started.send_signal(signal.SIGINT)
        assert started.wait(30) == 0


def test_a_token_comes_from_one_place_and_can_be_sent(tmp_path: Path) -> None:
    file = tmp_path / "token"
    assert given_token(None, None) is None
    for wrong, why in (
        (tmp_path / "missing", "cannot read the token"),
        (tmp_path, "cannot read the token"),
        (file, "there is no token"),
    ):
        file.write_text(" \n")
        with pytest.raises(ConfigError, match=why):
            given_token(None, wrong)
    file.write_text("sesame\n")
    assert given_token(None, file) == "sesame"
    with pytest.raises(ConfigError, match="once"):
        given_token("other", file)
    with pytest.raises(ConfigError, match="ASCII"):
        given_token("s\u00e9same", None)


def _wait_for(store: Path, process: subprocess.Popen[bytes]) -> Running:
    note = store / "daemon.json"
    while not note.exists():
        assert process.poll() is None
        time.sleep(0.05)
    return Running(process, json.loads(note.read_text()), store)
