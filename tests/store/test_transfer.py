# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Backup, restore and copy: equal sums in calls and rollups, also when done twice or in pieces."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from otel_llmcost.errors import ConfigError
from otel_llmcost.store import Store, backup, open_store
from otel_llmcost.store.transfer import Partition, StoreSource, receive
from tests.support.daemon_process import daemon
from tests.support.embedded import empty
from tests.support.otlp_rows import event, record_attributes, send, span
from tests.support.rolled_up import roll_up_days, roll_up_hours
from tests.support.schema_store import with_schema

pytestmark = pytest.mark.slow

ANSWERS = (
    "SELECT * FROM llmcost.calls ORDER BY record_id",
    "SELECT * FROM llmcost.hourly_spend ORDER BY ALL",
    "SELECT hour, sum(calls), sum(cost_usd) FROM llmcost.hourly_spend__rows FINAL "
    "WHERE (hour, built_at) IN (SELECT bucket, max(built_at) FROM llmcost.rollup_builds "
    "WHERE rollup = 'hourly_spend' GROUP BY bucket) "
    "GROUP BY hour HAVING sum(calls) > 0 ORDER BY hour",
    "SELECT * FROM llmcost.budgets",
    "SELECT count() FROM llmcost.otel_traces",
    "SELECT count() FROM llmcost.otel_logs",
)


def answers(store: Store) -> list[list[tuple[Any, ...]]]:
    return [store.query(sql).rows for sql in ANSWERS]


@pytest.fixture
def filled(embedded_store: Store) -> Store:
    empty(embedded_store)
    for number in range(30):
        attributes = record_attributes(number)
        send(embedded_store, [span(attributes), *([event(attributes)] if number % 3 else [])])
    embedded_store.insert(
        "budgets",
        [("all", "total", "", "month", 100)],
        ("name", "scope", "scope_value", "period", "amount_usd"),
    )
    embedded_store.refresh()
    return embedded_store


class Killed(Exception):
    pass


def test_a_backup_brings_back_every_answer(filled: Store, tmp_path: Path):
    wanted = answers(filled)
    assert len(wanted[0]) == wanted[4][0][0] == 30
    assert len(list(backup.save(filled, tmp_path / "backup"))) > 4
    empty(filled)
    assert answers(filled) != wanted
    list(backup.restore(filled, tmp_path / "backup"))
    assert answers(filled) == wanted


def test_restoring_twice_adds_nothing(filled: Store, tmp_path: Path):
    list(backup.save(filled, tmp_path / "backup"))
    wanted = answers(filled)
    for _ in range(2):
        list(backup.restore(filled, tmp_path / "backup"))
        assert answers(filled) == wanted


def test_a_backup_of_a_version_before_0_1_0_brings_back_its_numbers(embedded_store: Store):
    """Twelve records of one hour, and an hour of the rollup whose calls had left that store."""
    directory = Path(__file__).parents[1] / "data" / "backup_before_0_1_0"
    for _ in range(2):
        list(backup.restore(embedded_store, directory))
        embedded_store.refresh()
        sums = "SELECT count(), toString(sum(cost_usd)) FROM llmcost.calls"
        assert embedded_store.query(sums).rows == [(12, "0.0006306")]
        sums = (
            "SELECT feature = 'gone', sum(calls), toString(sum(cost_usd)) FROM llmcost.hourly_spend"
        )
        assert embedded_store.query(f"{sums} GROUP BY 1 ORDER BY 1").rows == [
            (0, 12, "0.0006306"),
            (1, 3, "1.5"),
        ]
        assert embedded_store.query("SELECT name FROM llmcost.budgets FINAL").rows == [("all",)]
        raw = "SELECT (SELECT count() FROM llmcost.otel_traces), count() FROM llmcost.otel_logs"
        assert embedded_store.query(raw).rows == [(12, 6)]


def test_days_whose_calls_have_left_the_store_move_with_it(filled: Store, tmp_path: Path):
    filled.command(
        "ALTER TABLE llmcost.llm_calls UPDATE ingested_at = ts WHERE 1 SETTINGS mutations_sync = 1"
    )
    for table in ("hourly_spend__rows", "rollup_builds"):
        filled.command(f"TRUNCATE TABLE llmcost.{table}")
    roll_up_hours(filled)
    roll_up_days(filled)
    between = "(since = '2020-01-01', until = '2100-01-01')"
    kept = (
        "SELECT * FROM llmcost.hourly_spend ORDER BY ALL",
        f"SELECT * FROM llmcost.daily_users{between} ORDER BY ALL",
        "SELECT calls, cost_usd, quantilesDDMerge(0.005, 0.5, 0.95)(cost_sketch) "
        f"FROM llmcost.daily_calls{between} GROUP BY ALL ORDER BY ALL",
    )
    filled.command("TRUNCATE TABLE llmcost.llm_calls")
    wanted = [filled.query(sql).rows for sql in kept]
    assert all(wanted)
    list(backup.save(filled, tmp_path / "backup"))
    empty(filled)
    for _ in range(2):
        list(backup.restore(filled, tmp_path / "backup"))
        assert [filled.query(sql).rows for sql in kept] == wanted


class Broken:
    """A source that is gone after some partitions, in the middle of one."""

    def __init__(self, source: backup.BackupSource, after: int) -> None:
        self.source, self.left = source, after

    def partitions(self) -> Iterator[Partition]:
        return self.source.partitions()

    def pieces(self, partition: Partition) -> Iterator[bytes]:
        for piece in self.source.pieces(partition):
            yield piece
            self.left -= 1
            if self.left < 0:
                raise Killed

    def left_out(self, partition: Partition) -> str:
        return self.source.left_out(partition)


def test_a_copy_killed_anywhere_is_completed_by_the_next(filled: Store, tmp_path: Path):
    wanted = answers(filled)
    count = len(list(backup.save(filled, tmp_path / "backup")))
    empty(filled)
    for after in range(count):
        with pytest.raises(Killed):
            list(receive(filled, Broken(backup.BackupSource(tmp_path / "backup"), after)))
    list(backup.restore(filled, tmp_path / "backup"))
    assert answers(filled) == wanted
    left = "SELECT count() FROM system.tables WHERE name LIKE 'incoming_%'"
    assert filled.query(left).rows == [(0,)]


def test_what_arrived_since_the_backup_stays(filled: Store, tmp_path: Path):
    list(backup.save(filled, tmp_path / "backup"))
    send(filled, [span(record_attributes(99))])
    filled.refresh()
    wanted = answers(filled)
    list(backup.restore(filled, tmp_path / "backup"))
    assert answers(filled) == wanted


def test_a_directory_with_files_takes_no_backup(filled: Store, tmp_path: Path):
    (tmp_path / "file").write_text("mine")
    with pytest.raises(ConfigError, match="is not empty"):
        list(backup.save(filled, tmp_path))


def test_a_backup_that_did_not_finish_is_refused(filled: Store, tmp_path: Path):
    list(backup.save(filled, tmp_path / "backup"))
    (tmp_path / "backup" / backup.MANIFEST).unlink()
    with pytest.raises(ConfigError, match="no finished backup"):
        list(backup.restore(filled, tmp_path / "backup"))


def test_an_embedded_store_moves_to_a_server_with_equal_sums(filled: Store, tmp_path: Path):
    wanted = answers(filled)
    with (
        daemon(with_schema(tmp_path / "server")),
        open_store(f"chdb://{tmp_path / 'server'}") as server,
    ):
        server.apply_schema()
        for _ in range(2):
            list(receive(server, StoreSource(filled)))
            server.refresh()
            assert answers(server)[:4] == wanted[:4]


def posted(number: int) -> dict[str, Any]:
    """An OTLP/JSON request with one record."""
    attributes = [
        {"key": key, "value": {"stringValue": value}}
        for key, value in record_attributes(number).items()
    ]
    reported = {
        "traceId": f"{number + 1:032x}",
        "spanId": f"{number + 1:016x}",
        "name": "chat",
        "startTimeUnixNano": "1795000000000000000",
        "endTimeUnixNano": "1795000001000000000",
        "attributes": attributes,
    }
    return {
        "resourceSpans": [
            {"scopeSpans": [{"scope": {"name": "otel_llmcost"}, "spans": [reported]}]}
        ]
    }


def test_a_backup_under_load_holds_what_was_acknowledged_before(
    embedded_store: Store, tmp_path: Path
):
    empty(embedded_store)
    path = tmp_path / "busy"
    with daemon(with_schema(path)) as served, open_store(f"chdb://{path}") as store:
        before = 20
        for number in range(before):
            assert served.otlp("traces", posted(number)) == 200
        stop = threading.Event()

        def go_on() -> None:
            number = before
            while not stop.is_set():
                served.otlp("traces", posted(number))
                number += 1

        load = threading.Thread(target=go_on)
        load.start()
        try:
            list(backup.save(store, tmp_path / "backup"))
        finally:
            stop.set()
            load.join()
    list(backup.restore(embedded_store, tmp_path / "backup"))
    found = {row[0] for row in embedded_store.query("SELECT record_id FROM llmcost.calls").rows}
    assert {record_attributes(number)["llmcost.record.id"] for number in range(before)} <= found
    sums = "SELECT {0}, sum(cost_usd) FROM llmcost.{1}"
    calls = embedded_store.query(sums.format("count()", "calls")).rows
    assert embedded_store.query(sums.format("sum(calls)", "hourly_spend")).rows == calls
