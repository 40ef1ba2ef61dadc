# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""What keeps a store from opening is said in one line that names the fix."""

from __future__ import annotations

import fcntl
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest import mock

import pytest

from otel_llmcost.errors import ConfigError, MissingExtraError, StoreBusyError, StoreError
from otel_llmcost.store import Store, open_store, opening, owner

REFUSED = "http://127.0.0.1:1"


@contextmanager
def locked(path: Path, pid: int) -> Iterator[None]:
    """The engine's lock, as if that process had taken it."""
    with (path / "status").open("w") as status:
        status.write(f"PID: {pid}\n")
        status.flush()
        fcntl.flock(status, fcntl.LOCK_EX)
        yield


def describe(path: Path, pid: int, **users: str) -> None:
    reported = {"pid": pid, "http_url": REFUSED, "users": users}
    (path / "daemon.json").write_text(json.dumps(reported))


@pytest.mark.parametrize(
    "url",
    [
        "", "store", "ftp://host/llmcost", "chdb://relative/path", "chdb://", "chdb:///",
        "http:///llmcost", "http://h:99999/llmcost",
    ],
)  # fmt: skip
def test_a_wrong_url_shows_the_forms_that_are_right(url: str):
    with pytest.raises(ConfigError, match="chdb:///PATH"):
        open_store(url)


def test_no_server_at_the_address_says_what_to_check():
    with pytest.raises(StoreError, match=r"no ClickHouse answers at http://127.0.0.1:1 .*serve"):
        open_store("http://user:secret@127.0.0.1:1/llmcost")


def test_the_message_never_holds_the_password():
    with pytest.raises(StoreError) as caught:
        open_store("http://user:secret@127.0.0.1:1/llmcost")
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("module", "url", "extra"),
    [("clickhouse_connect", REFUSED, "clickhouse"), ("chdb", "chdb:///tmp/x", "embedded")],
)
def test_a_missing_package_names_the_extra(
    monkeypatch: pytest.MonkeyPatch, module: str, url: str, extra: str
):
    monkeypatch.setattr(
        opening.importlib.util, "find_spec", lambda name: None if name == module else 1
    )
    with pytest.raises(MissingExtraError, match=rf"otel-llmcost\[{extra}\]"):
        open_store(url)


def test_a_second_path_in_one_process_is_refused(embedded_store: Store, tmp_path: Path):
    with pytest.raises(StoreError, match="can have one only"):
        open_store(f"chdb://{tmp_path}/other")


def test_an_owned_store_is_read_and_written_through_its_owner(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    describe(tmp_path, os.getppid(), reader="", admin="s3cret/")
    requested: list[dict[str, object]] = []

    def connect(**given: object) -> mock.Mock:
        requested.append(given)
        return mock.MagicMock()

    monkeypatch.setattr(opening, "_connect", connect)
    with locked(tmp_path, os.getppid()):
        store = open_store(f"chdb://{tmp_path}")
    assert [(given["host"], given["port"]) for given in requested] == [("127.0.0.1", 1)]
    assert (requested[0]["username"], requested[0]["password"]) == ("reader", "")
    store.command("OPTIMIZE TABLE llmcost.llm_calls")
    assert (requested[1]["username"], requested[1]["password"]) == ("admin", "s3cret/")


def test_without_the_secret_the_owner_is_read_as_reader(tmp_path: Path):
    describe(tmp_path, os.getppid())
    with locked(tmp_path, os.getppid()):
        found = owner.find_owner(tmp_path)
    assert found is not None
    assert found.url("admin") == "http://reader@127.0.0.1:1/llmcost"


def test_an_owner_that_does_not_answer_is_named(tmp_path: Path):
    describe(tmp_path, os.getppid(), admin="x")
    with (
        locked(tmp_path, os.getppid()),
        pytest.raises(StoreBusyError, match=f"process {os.getppid()} owns"),
    ):
        open_store(f"chdb://{tmp_path}")


def test_a_file_of_a_killed_daemon_means_nothing_however_its_pid_is_used_by_now(tmp_path: Path):
    """The pid is alive, and another process's; only the lock says who owns the store."""
    describe(tmp_path, os.getppid())
    assert owner.find_owner(tmp_path) is None
    (tmp_path / "status").write_text(f"PID: {os.getppid()}\n")
    assert owner.find_owner(tmp_path) is None
    with locked(tmp_path, 1):
        assert owner.find_owner(tmp_path) is None
        with pytest.raises(StoreBusyError, match=r"process 1 has the store .* open"):
            open_store(f"chdb://{tmp_path}")


def test_a_dead_owner_a_broken_file_and_this_very_process_own_nothing(tmp_path: Path):
    ended = subprocess.run(
        [sys.executable, "-c", "import os; print(os.getpid())"], capture_output=True, check=True
    )
    describe(tmp_path, int(ended.stdout))
    assert owner.find_owner(tmp_path) is None
    describe(tmp_path, os.getpid())
    assert owner.find_owner(tmp_path) is None
    for text in ("", "[]", "{}", '{"pid": "x", "http_url": ""}', "null"):
        (tmp_path / "daemon.json").write_text(text)
        assert owner.find_owner(tmp_path) is None


def test_a_store_locked_by_an_unknown_process_names_its_pid(embedded_store: Store):
    """Runs the second process for real: the engine's lock is between processes."""
    path = embedded_store.url.removeprefix("chdb://")
    code = """if True:
        import sys
        from otel_llmcost.errors import StoreBusyError
        from otel_llmcost.store import open_store
        try:
            open_store("chdb://" + sys.argv[1])
        except StoreBusyError as error:
            print(error)
    """
    ran = subprocess.run(
        [sys.executable, "-c", code, path], capture_output=True, text=True, check=True
    )
    assert ran.stdout.startswith(f"process {os.getpid()} has the store {path} open"), ran.stderr
    assert (ran.stdout.count("\n"), ran.stderr) == (1, "")


def test_a_directory_that_may_not_be_written_is_reported_before_the_engine_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
):
    monkeypatch.setattr(opening.os, "access", lambda *_: False)  # root may write anywhere
    with pytest.raises(StoreError, match=r"Permission denied.*name another directory"):
        open_store(f"chdb://{tmp_path}")
    assert capfd.readouterr().err == ""


def test_without_a_url_it_is_the_store_of_the_commands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LLMCOST_STORE", str(tmp_path / "none"))
    with pytest.raises(StoreError, match=r"there is no store at .*/none yet: start"):
        open_store()
    assert not (tmp_path / "none").exists()
    monkeypatch.setenv("LLMCOST_STORE", "chdb://memory")
    with mock.patch.object(opening, "_connect_embedded") as connect:
        open_store()
    connect.assert_called_once_with("chdb://memory", ":memory:")
