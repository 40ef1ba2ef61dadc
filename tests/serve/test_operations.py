# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""`/healthz` and `/metrics`: what a probe and a scraper may rely on."""

from __future__ import annotations

import asyncio
import json
import math
import re
import shutil
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from otel_llmcost.errors import StoreError
from otel_llmcost.ingest import Ingestor, disk_guard, engine, group_commit
from otel_llmcost.serve import operations
from otel_llmcost.serve.operations import Operations
from otel_llmcost.store import Store
from otel_llmcost.store.damage import DamagedPart
from tests.ingest.bodies import record, records, traces
from tests.ingest.torn import tear
from tests.serve.running import Running, get
from tests.support.embedded import embedded_store, store_directory
from tests.support.waiting import wait_until

__all__ = ["embedded_store"]

_SAMPLE = re.compile(r"([a-z_][a-z0-9_]*)(?:\{(.*)\})? (\S+)")
_LABEL = re.compile(r'([a-z_][a-z0-9_]*)="((?:[^"\\\n]|\\[\\"n])*)"(?:,|$)')
Series = dict[tuple[str, str], float]


def parse(text: str) -> tuple[dict[str, str], Series]:
    """Types and samples of an exposition; AssertionError wherever the format is not kept."""
    assert text.endswith("\n")
    types: dict[str, str] = {}
    samples: Series = {}
    helped = current = ""
    for line in text[:-1].split("\n"):
        if line.startswith("# HELP "):
            helped = line.split(" ", 3)[2]
            assert len(line.split(" ", 3)) == 4
            assert helped not in types, f"{helped} comes twice"
            continue
        if line.startswith("# TYPE "):
            _, _, current, kind = line.split(" ")
            assert current == helped
            assert kind in ("counter", "gauge", "histogram")
            assert (kind == "counter") == current.endswith("_total")
            types[current] = kind
            continue
        found = _SAMPLE.fullmatch(line)
        assert found, line
        name, labels, value = found[1], found[2] or "", float(found[3])
        endings = ("_bucket", "_sum", "_count") if types[current] == "histogram" else ("",)
        assert name in [current + ending for ending in endings]
        assert "".join(one[0] for one in _LABEL.finditer(labels)) == labels
        assert (name, labels) not in samples, f"{line} comes twice"
        assert types[current] == "gauge" or value >= 0
        samples[name, labels] = value
    for name, kind in types.items():
        if kind == "histogram":
            check_histogram(name, samples)
    return types, samples


def check_histogram(name: str, samples: Series) -> None:
    for (sample, labels), total in samples.items():
        if sample == f"{name}_count":
            found = [
                (float(bound[1]), value)
                for (bucket, more), value in samples.items()
                if bucket == f"{name}_bucket"
                if (bound := re.match(r'le="([^"]*)",', more)) and more[bound.end() :] == labels
            ]
            assert [bound for bound, _ in found] == sorted(bound for bound, _ in found)
            assert [count for _, count in found] == sorted(count for _, count in found)
            assert found[-1] == (math.inf, total)
            assert (f"{name}_sum", labels) in samples


@pytest.mark.parametrize("listener", ["otlp_http", "web"])
def test_both_listeners_report_health_and_metrics(daemon: Running, listener: str) -> None:
    health = get(f"{daemon.facts[listener]}/healthz")
    assert health.status == 200, health.body
    assert json.loads(health.body)["status"] == "ok"
    reply = get(f"{daemon.facts[listener]}/metrics")
    assert reply.headers["content-type"].startswith("text/plain; version=0.0.4")
    types, samples = parse(reply.body.decode())
    assert types["llmcost_ingest_ack_seconds"] == "histogram"
    assert samples["llmcost_store_free_bytes", ""] > 0
    assert 0 <= samples["llmcost_refresh_lag_seconds", ""] < 3600


def test_every_record_is_counted_by_what_became_of_it(daemon: Running) -> None:
    def counted() -> Series:
        return parse(get(f"{daemon.facts['otlp_http']}/metrics").body.decode())[1]

    before = counted()
    request = traces(*(record(n) for n in range(9500, 9505)), first=9500)
    request.resource_spans[0].scope_spans[0].spans[0].trace_id = b"?"
    for _ in range(2):
        assert daemon.otlp("traces", request.SerializeToString()).status == 200
    assert daemon.otlp("traces", records(3)[:-1]).status == 400
    after = counted()
    traced = 'signal="traces"'
    wanted = {"received": 10, "accepted": 8, "rejected": 2, "duplicate": 4}
    for name, number in wanted.items():
        key = (f"llmcost_ingest_records_{name}_total", traced)
        assert after[key] - before.get(key, 0) == number, name
    malformed = ("llmcost_ingest_bodies_malformed_total", traced)
    assert after[malformed] - before.get(malformed, 0) == 1
    acked = ("llmcost_ingest_ack_seconds_count", traced)
    assert after[acked] - before.get(acked, 0) == 2


@pytest.fixture
def reported(embedded_store: Store) -> Iterator[tuple[Operations, Ingestor]]:
    ingestor = Ingestor(store_directory(), linger_s=0)
    yield Operations(store_directory(), ingestor, "26.9", threading.Event()), ingestor
    ingestor.close()


def problem(reported: tuple[Operations, Ingestor]) -> str:
    return asyncio.run(reported[0].problem())


def test_health_names_a_failed_insert_and_a_full_disk(
    reported: tuple[Operations, Ingestor], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert problem(reported) == ""
    with monkeypatch.context() as patch:

        def fails(*_: object) -> None:
            raise StoreError("Code: 243. no space", code=243)

        patch.setattr(engine, "insert", fails)
        with pytest.raises(StoreError):
            reported[1].ingest("traces", records(1))
    assert "an insert failed 0 s ago: Code: 243" in problem(reported)
    assert parse(reported[0].metrics())[1]["llmcost_last_error_timestamp_seconds", ""] > 0
    reported[1].ingest("traces", records(1))
    assert problem(reported) == ""
    with monkeypatch.context() as patch:

        def nearly_none(_: Path) -> int:
            return 63 << 20

        patch.setattr(disk_guard, "free_bytes", nearly_none)
        assert problem(reported) == f"the disk is full: 63 MB free at {store_directory()}"
    assert problem(reported) == ""


@pytest.mark.parametrize(
    ("name", "fix"),
    [
        ("calls", "run `otel-llmcost schema apply`"),
        ("hourly_spend", "run `otel-llmcost schema apply`"),
        ("llm_calls", "run `otel-llmcost schema apply`"),
        ("otlp_traces_in", "restart the daemon"),
    ],
)
def test_health_names_a_missing_view_or_table(
    reported: tuple[Operations, Ingestor], embedded_store: Store, name: str, fix: str
) -> None:
    embedded_store.command(f"RENAME TABLE llmcost.{name} TO llmcost.hidden")
    try:
        assert problem(reported) == f"the store lacks {name}: {fix}"
    finally:
        embedded_store.command(f"RENAME TABLE llmcost.hidden TO llmcost.{name}")
    assert problem(reported) == ""


def test_health_names_a_store_that_cannot_be_read(
    reported: tuple[Operations, Ingestor], embedded_store: Store
) -> None:
    reported[1].ingest("traces", records(3))
    assert problem(reported) == ""
    tear(embedded_store, "llm_calls")
    assert "the store does not answer: " in problem(reported)


def test_health_names_a_thread_that_has_ended_or_hangs(
    reported: tuple[Operations, Ingestor], monkeypatch: pytest.MonkeyPatch
) -> None:
    ended = threading.Thread(target=lambda: None, name="llmcost-refresh")
    ended.start()
    ended.join()
    found = Operations(store_directory(), reported[1], "26.9", threading.Event())
    found.watch(ended)
    assert (
        problem((found, reported[1])) == "the thread llmcost-refresh has ended: restart the daemon"
    )
    writing, go_on = threading.Event(), threading.Event()

    def insert(*_: object) -> None:
        writing.set()
        go_on.wait(10)

    monkeypatch.setattr(group_commit, "STUCK_S", 0.05)
    monkeypatch.setattr(engine, "insert", insert)
    done = reported[1].submit("traces", records(1))
    writing.wait(10)
    time.sleep(0.1)
    assert problem(reported) == "the thread llmcost-ingest-traces has been writing for 0 s"
    go_on.set()
    done.result(10)
    assert problem(reported) == ""


def test_health_names_rollups_that_are_no_longer_rebuilt(
    reported: tuple[Operations, Ingestor], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(operations, "_STALE_S", -1)
    assert problem(reported) == "the rollups were last rebuilt 0 s ago: the pass has not ended"
    reported[0].refresh_failed(StoreError("Code: 40. checksum"))
    assert problem(reported) == "the rollups were last rebuilt 0 s ago: Code: 40. checksum"


def test_health_names_a_part_that_the_rollups_cannot_be_rebuilt_from(
    reported: tuple[Operations, Ingestor],
) -> None:
    reported[0].refresh_failed(DamagedPart("the part all_1_1_0 is corrupt"))
    assert problem(reported) == "the part all_1_1_0 is corrupt"
    reported[0].refreshed()
    assert problem(reported) == ""


def test_an_engine_that_hangs_is_queried_once_however_often_health_is(
    reported: tuple[Operations, Ingestor], monkeypatch: pytest.MonkeyPatch
) -> None:
    requested: list[int] = []
    go_on = threading.Event()

    def hang(_: Operations) -> str:
        requested.append(1)
        go_on.wait(10)
        return ""

    monkeypatch.setattr(operations, "_PATIENCE_S", 0.05)
    monkeypatch.setattr(Operations, "_store_problem", hang)
    assert [problem(reported) for _ in range(3)] == ["the store did not answer within 0.05 s"] * 3
    assert len(requested) == 1
    go_on.set()
    wait_until(lambda: problem(reported) == "")


def test_a_store_that_is_away_takes_nothing_and_says_so(
    reported: tuple[Operations, Ingestor],
) -> None:
    store = store_directory()
    away = store.rename(store.with_name("away"))
    try:
        with pytest.raises(StoreError, match=r"cannot be reached.*move it back"):
            reported[1].ingest("traces", records(1))
        assert "cannot be reached (No such file or directory): move it back" in problem(reported)
        assert "llmcost_store_free_bytes" not in parse(reported[0].metrics())[1]
        store.mkdir()
        (store / "status").touch()
        assert problem(reported) == f"another directory is at {store}: move the store back"
    finally:
        shutil.rmtree(store, ignore_errors=True)
        away.rename(store)
    reported[1].ingest("traces", records(1))
    assert problem(reported) == ""


def test_a_daemon_that_stops_takes_nothing_more(reported: tuple[Operations, Ingestor]) -> None:
    stopping = threading.Event()
    found = Operations(store_directory(), reported[1], "26.9", stopping)
    stopping.set()
    assert asyncio.run(found.problem()) == "shutting down"
