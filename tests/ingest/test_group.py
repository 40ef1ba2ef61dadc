# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Bodies that wait together are written together, and nothing waits without bound."""

from __future__ import annotations

import threading
from collections.abc import Sequence

import pytest

from otel_llmcost.errors import StoreError
from otel_llmcost.ingest import Busy
from otel_llmcost.ingest.group import GroupCommit


def test_bodies_that_arrive_during_an_insert_go_into_the_next_one_together() -> None:
    groups: list[list[bytes]] = []
    writing, go_on = threading.Event(), threading.Event()

    def insert(bodies: Sequence[bytes]) -> None:
        groups.append(list(bodies))
        writing.set()
        go_on.wait(10)

    group = GroupCommit("test", insert, linger_s=0)
    first = group.submit(b"1")
    writing.wait(10)
    rest = [group.submit(body) for body in (b"2", b"3", b"4")]
    assert not first.done()
    go_on.set()
    for future in (first, *rest):
        future.result(10)
    group.close()
    assert groups == [[b"1"], [b"2", b"3", b"4"]]


def test_more_bytes_than_may_wait_are_turned_away_and_later_accepted() -> None:
    go_on = threading.Event()
    group = GroupCommit("test", lambda _: go_on.wait(10) and None, linger_s=0, queue_bytes=10)
    first = group.submit(b"x" * 10)
    with pytest.raises(Busy):
        group.submit(b"x")
    go_on.set()
    first.result(10)
    group.close()
    assert group.queued_bytes == 0


def test_a_body_the_engine_refuses_fails_alone() -> None:
    stored: list[bytes] = []

    def insert(bodies: Sequence[bytes]) -> None:
        if b"bad" in bodies:
            raise StoreError("no", code=33)
        stored.extend(bodies)

    group = GroupCommit("test", insert, linger_s=0.05)
    good, bad, fine = (group.submit(body) for body in (b"good", b"bad", b"fine"))
    good.result(10)
    fine.result(10)
    with pytest.raises(StoreError, match="no"):
        bad.result(10)
    group.close()
    assert stored == [b"good", b"fine"]


def test_closing_writes_what_waits_and_refuses_more() -> None:
    stored: list[bytes] = []
    group = GroupCommit("test", stored.extend, linger_s=10)
    future = group.submit(b"late")
    group.close()
    assert future.done()
    assert stored == [b"late"]
    with pytest.raises(Busy):
        group.submit(b"too late")
