# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""A disk that fills up: what is promised stays, what was cut off is taken out."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from otel_llmcost.errors import StoreError
from otel_llmcost.ingest import Ingestor, disk_guard
from otel_llmcost.store import Store
from tests.ingest.bodies import records
from tests.ingest.torn import tear
from tests.support.embedded import store_directory
from tests.support.waiting import wait_until

MB = 1 << 20
CALLS = "SELECT count(), toString(sum(cost_usd)) FROM llmcost.calls"


class Disk:
    """What the daemon sees as the disk's free space."""

    def __init__(self, ingestor: Ingestor) -> None:
        self._disk_guard = ingestor.disk_guard
        self.free = 100_000 * MB

    def set(self, megabytes: int) -> None:
        """Returns when it was noticed."""
        self.free = megabytes * MB
        wait_until(lambda: self._disk_guard.is_low == (self.free < disk_guard.MERGE_ABOVE))


@pytest.fixture
def ingestor(embedded_store: Store) -> Iterator[Ingestor]:
    found = Ingestor(store_directory(), linger_s=0)
    yield found
    found.close()


@pytest.fixture
def disk(ingestor: Ingestor, monkeypatch: pytest.MonkeyPatch) -> Iterator[Disk]:
    found = Disk(ingestor)

    def free_bytes(_: Path) -> int:
        return found.free

    monkeypatch.setattr(disk_guard, "free_bytes", free_bytes)
    yield found
    found.set(100_000)


def test_little_free_space_stops_merges_and_more_lets_them_go_on(
    embedded_store: Store, ingestor: Ingestor, disk: Disk
) -> None:
    disk.set(200)
    for number in range(3):
        ingestor.ingest("traces", records(1, first=number))
    with pytest.raises(StoreError, match="Cancelled"):
        embedded_store.command("OPTIMIZE TABLE llmcost.llm_calls FINAL")
    disk.set(100_000)
    embedded_store.command("OPTIMIZE TABLE llmcost.llm_calls FINAL")
    assert embedded_store.query(CALLS).rows == [(3, "0.0135")]


def test_without_free_space_nothing_is_accepted(ingestor: Ingestor, disk: Disk) -> None:
    disk.set(63)
    with pytest.raises(StoreError, match="the disk is full: 63 MB free"):
        ingestor.ingest("traces", records(1))
    disk.set(65)
    ingestor.ingest("traces", records(1))


def test_what_was_written_while_the_disk_filled_is_not_acknowledged_and_taken_when_sent_again(
    embedded_store: Store, ingestor: Ingestor, disk: Disk, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = disk_guard.DiskGuard.writing
    body = records(2)

    @contextmanager
    def fills(self: disk_guard.DiskGuard) -> Generator[str]:
        with real(self) as salt:
            yield salt
            disk.free = 10 * MB

    monkeypatch.setattr(disk_guard.DiskGuard, "writing", fills)
    with pytest.raises(StoreError, match="send this again"):
        ingestor.ingest("traces", body)
    monkeypatch.setattr(disk_guard.DiskGuard, "writing", real)
    # As if the engine had lost what it had said to have written.
    embedded_store.command("TRUNCATE TABLE llmcost.llm_calls")
    disk.set(100_000)
    ingestor.ingest("traces", body)
    assert embedded_store.query(CALLS).rows == [(2, "0.009")]


@pytest.mark.parametrize("leaves", [10, 100_000])
def test_an_insert_that_the_engine_cannot_write_says_that_the_disk_is_full(
    ingestor: Ingestor, disk: Disk, leaves: int
) -> None:
    """Also when what filled the disk has gone again by then."""
    engines = StoreError("Code: 75. Cannot write: errno: 28, No space left on device", code=75)
    with pytest.raises(StoreError, match="send this again") as refused:  # noqa: PT012 - as a writer fails
        with ingestor.disk_guard.writing():
            disk.free = leaves * MB
            raise engines
    assert refused.value.code == 243
    assert refused.value.__cause__ is engines


def test_an_insert_that_fails_for_another_reason_says_so(ingestor: Ingestor) -> None:
    engines = StoreError("Code: 60. there is no such table", code=60)
    with pytest.raises(StoreError) as refused, ingestor.disk_guard.writing():
        raise engines
    assert refused.value is engines


def test_a_merge_that_was_cut_off_is_undone(
    embedded_store: Store, ingestor: Ingestor, disk: Disk
) -> None:
    for number in range(4):
        ingestor.ingest("traces", records(5, first=5 * number))
    disk.set(200)
    disk.set(100_000)
    embedded_store.command("OPTIMIZE TABLE llmcost.llm_calls FINAL")
    disk.set(10)
    tear(embedded_store, "llm_calls")
    with pytest.raises(StoreError):
        embedded_store.query("SELECT * FROM llmcost.llm_calls")
    disk.set(100_000)
    assert embedded_store.query(CALLS).rows == [(20, "0.09")]
    assert embedded_store.query("SELECT count() FROM llmcost.rollup_builds").rows == [(0,)]
