# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""The accidents. Each gets an empty directory and a number of rounds, and returns a verdict."""

from __future__ import annotations

import gzip
import os
import random
import subprocess
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from tests.collector.running import Collector, collector, free_ports
from tests.support.daemon_process import Served
from tools.chaos.load import Load, body, post
from tools.chaos.parts import Database
from tools.chaos.verdict import Verdict, judge


class NotHere(Exception):
    """This accident cannot be had on this machine; the text says what it needs."""


def daemon_killed(folder: Path, rounds: int) -> Verdict:
    """kill -9 of the daemon at random moments."""
    database = Database(folder / "store")
    served = database.start()
    load = Load(database.otlp)
    for _ in range(rounds):
        time.sleep(random.uniform(0.1, 2))
        database.kill()
        served = database.start()
    return _end("kill -9 of the daemon", rounds, load, database, served)


def daemon_stopped(folder: Path, rounds: int) -> Verdict:
    """SIGTERM under load: it ends with 0, and everything it accepted is stored."""
    database = Database(folder / "store")
    served = database.start()
    load = Load(database.otlp)
    for _ in range(rounds):
        time.sleep(random.uniform(0.1, 2))
        assert database.stop() == 0, "SIGTERM did not end it in order"
        served = database.start()
    return _end("SIGTERM of the daemon", rounds, load, database, served)


def collector_killed(folder: Path, rounds: int) -> Verdict:
    """kill -9 of the collector, its queue on disk."""
    return _behind_a_collector(folder, "kill -9 of the collector", rounds, kill_daemon=False)


def both_killed(folder: Path, rounds: int) -> Verdict:
    """kill -9 of the collector and of the daemon at the same moment."""
    return _behind_a_collector(folder, "kill -9 of both", rounds, kill_daemon=True)


def database_away(folder: Path, rounds: int) -> Verdict:
    """No database for five seconds a round, while applications go on sending to the collector."""
    database = Database(folder / "store")
    served = database.start()
    (port,) = free_ports(1)
    away = 5 * rounds
    with ExitStack() as stack:
        _collector(stack, folder, served, port)
        load = Load(port)
        time.sleep(1)
        database.kill()
        time.sleep(away)
        refused = sum(load.failures.values())
        served = database.start()
        time.sleep(1)
        seen = f"{refused} refusals to applications"
        return _end(f"database away for {away} s", 1, load, database, served, seen)


def disk_full(folder: Path, rounds: int) -> Verdict:
    """A file system of 512 MB filled to the last byte, then given room again; every second time
    the daemon is killed and started while there is none."""
    disk = folder / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=512m", "tmpfs", str(disk)]
    try:
        subprocess.run(mount, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError) as error:
        raise NotHere("needs to mount a file system (root)") from error
    try:
        database = Database(disk / "store")
        served = database.start()
        load = Load(database.otlp)
        for number in range(rounds):
            time.sleep(1)
            fill(disk / "ballast")
            time.sleep(1)
            if number % 2:
                database.kill()
                served = database.start()
            time.sleep(1)
            (disk / "ballast").unlink()
        time.sleep(1)
        return _end("disk full", rounds, load, database, served)
    finally:
        subprocess.run(["umount", "--lazy", disk], check=True)


def replayed(folder: Path, rounds: int) -> Verdict:
    """Every body is sent three times, with a restart in between each round."""
    database = Database(folder / "store")
    served = database.start()
    load = Load(database.otlp, copies=3)
    for _ in range(min(rounds, 5)):
        time.sleep(1)
        database.stop()
        served = database.start()
    return _end("every body sent 3 times", load.attempts, load, database, served)


def corrupted(folder: Path, rounds: int) -> Verdict:
    """Truncated, bit-flipped and random bodies among good ones."""
    database = Database(folder / "store")
    served = database.start()
    load = Load(database.otlp)
    said: dict[str, int] = {}
    sent = rounds * 50
    for number in range(sent):
        good = body(10**9 + number * 100, service="noise")
        encoding = "gzip" if number % 4 == 3 else ""
        answer = post(database.otlp, _corrupt(good, number % 4), encoding)
        said[answer] = said.get(answer, 0) + 1
    assert not {answer for answer in said if not answer.isdigit() or int(answer) >= 500}, said
    seen = ", ".join(f"{n} x {what}" for what, n in sorted(said.items())) + " to corrupt bodies"
    return _end("truncated and corrupt bodies", sent, load, database, served, seen)


def second_daemon(folder: Path, rounds: int) -> Verdict:
    """Another daemon on the same store ends at once and disturbs no one."""
    database = Database(folder / "store")
    served = database.start()
    load = Load(database.otlp)
    for _ in range(min(rounds, 5)):
        other = Database(database.store)
        ended = subprocess.run(other.command(), capture_output=True, timeout=60, text=True)
        assert ended.returncode == 1, ended
        assert "already serves the store" in ended.stderr, ended.stderr
    return _end("a second daemon on the store", min(rounds, 5), load, database, served)


SCENARIOS: dict[str, Callable[[Path, int], Verdict]] = {
    "daemon": daemon_killed,
    "collector": collector_killed,
    "both": both_killed,
    "away": database_away,
    "disk": disk_full,
    "replay": replayed,
    "corrupt": corrupted,
    "second": second_daemon,
    "sigterm": daemon_stopped,
}


def _behind_a_collector(folder: Path, name: str, rounds: int, *, kill_daemon: bool) -> Verdict:
    database = Database(folder / "store")
    served = database.start()
    (port,) = free_ports(1)
    with ExitStack() as stack:
        running = _collector(stack, folder, served, port)
        load = Load(port)
        for _ in range(rounds):
            time.sleep(random.uniform(0.1, 2))
            running.kill()
            if kill_daemon:
                database.kill()
                served = database.start()
            running = _collector(stack, folder, served, port)
        return _end(name, rounds, load, database, served)


def _collector(stack: ExitStack, folder: Path, served: Served, port: int) -> Collector:
    return stack.enter_context(
        collector(
            folder / "collector",
            {},
            otlp_http=port,
            LLMCOST_CLICKHOUSE_URL=served.url,
            LLMCOST_WRITER_PASSWORD=served.writer,
        )
    )


def _end(
    name: str, times: int, load: Load, database: Database, served: Served, seen: str = ""
) -> Verdict:
    try:
        load.finish()
        return judge(name, times, load, served, seen)
    finally:
        database.stop()


def fill(path: Path) -> None:
    """Write to a file until nothing more fits on its disk."""
    with path.open("wb", buffering=0) as file:
        block = bytes(1 << 20)
        while block:
            try:
                file.write(block)
            except OSError:
                block = block[: len(block) // 2]


def _corrupt(good: bytes, kind: int) -> bytes:
    if kind == 0:
        return good[: random.randrange(1, len(good))]
    if kind == 1:
        at, bit = random.randrange(len(good)), 1 << random.randrange(8)
        return good[:at] + bytes([good[at] ^ bit]) + good[at + 1 :]
    if kind == 2:
        return os.urandom(len(good))
    packed = gzip.compress(good)
    return packed[: random.randrange(1, len(packed))]
