# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Bodies that wait together are written together, and nothing waits without bound."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence

import pytest

from otel_llmcost.errors import StoreError
from otel_llmcost.ingest import Busy, MalformedBody, group_commit
from otel_llmcost.ingest.group_commit import GroupCommit


def test_bodies_that_arrive_during_an_insert_go_into_the_next_one_together() -> None:
    groups: list[list[bytes]] = []
    writing, go_on = threading.Event(), threading.Event()

    def insert(bodies: Sequence[bytes]) -> None:
        groups.append(list(bodies))
        writing.set()
        go_on.wait(10)

    commits = GroupCommit("test", insert, linger_s=0)
    first = commits.submit(b"1")
    writing.wait(10)
    rest = [commits.submit(body) for body in (b"2", b"3", b"4")]
    assert not first.done()
    go_on.set()
    for future in (first, *rest):
        future.result(10)
    commits.close()
    assert groups == [[b"1"], [b"2", b"3", b"4"]]


def test_more_bytes_than_may_wait_are_turned_away_and_later_accepted() -> None:
    go_on = threading.Event()
    commits = GroupCommit("test", lambda _: go_on.wait(10) and None, linger_s=0, queue_bytes=10)
    first = commits.submit(b"x" * 10)
    with pytest.raises(Busy):
        commits.submit(b"x")
    go_on.set()
    first.result(10)
    commits.close()
    assert commits.queued_bytes == 0


def test_a_body_the_engine_refuses_fails_alone() -> None:
    stored: list[bytes] = []

    def insert(bodies: Sequence[bytes]) -> None:
        if b"bad" in bodies:
            raise StoreError("no", code=33)
        stored.extend(bodies)

    commits = GroupCommit("test", insert, linger_s=0.05)
    good, bad, fine = (commits.submit(body) for body in (b"good", b"bad", b"fine"))
    good.result(10)
    fine.result(10)
    with pytest.raises(StoreError, match="no"):
        bad.result(10)
    commits.close()
    assert stored == [b"good", b"fine"]


def test_closing_writes_what_waits_and_refuses_more() -> None:
    stored: list[bytes] = []
    commits = GroupCommit("test", stored.extend, linger_s=10)
    future = commits.submit(b"late")
    commits.close()
    assert future.done()
    assert stored == [b"late"]
    with pytest.raises(Busy):
        commits.submit(b"too late")


class Unforeseen(BaseException):
    """Nothing that any code expects."""


@pytest.mark.parametrize(
    "raised",
    [
        FileNotFoundError(2, "gone"), OSError(5, "Input/output error"), RuntimeError("engine"),
        MemoryError(), KeyError("x"), UnicodeDecodeError("utf-8", b"x", 0, 1, "no"),
        RecursionError(), SystemExit(1), KeyboardInterrupt(), GeneratorExit(), Unforeseen(),
    ],
    ids=repr,
)  # fmt: skip
def test_whatever_an_insert_raises_is_answered_and_the_thread_goes_on(
    raised: BaseException,
) -> None:
    stored: list[bytes] = []

    def insert(bodies: Sequence[bytes]) -> None:
        if b"bad" in bodies:
            raise raised
        stored.extend(bodies)

    commits = GroupCommit("test", insert, linger_s=0.05)
    good, bad = commits.submit(b"good"), commits.submit(b"bad")
    with pytest.raises(StoreError, match=type(raised).__name__):
        bad.result(10)
    good.result(10)
    commits.submit(b"next").result(10)
    assert stored == [b"good", b"next"]
    assert commits.thread.is_alive()
    commits.close()
    assert commits.queued_bytes == 0


@pytest.mark.parametrize("raised", [MalformedBody("no"), Busy("later"), StoreError("no", code=33)])
def test_what_receivers_can_report_to_a_sender_is_passed_on_as_it_is(raised: Exception) -> None:
    def insert(_: Sequence[bytes]) -> None:
        raise raised

    commits = GroupCommit("test", insert, linger_s=0)
    assert commits.submit(b"x").exception(10) is raised
    commits.close()


def test_a_sender_that_hung_up_while_its_body_waited_or_was_written_stops_no_other() -> None:
    stored: list[bytes] = []
    writing, go_on = threading.Event(), threading.Event()

    def insert(bodies: Sequence[bytes]) -> None:
        writing.set()
        go_on.wait(10)
        stored.extend(bodies)

    commits = GroupCommit("test", insert, linger_s=0)
    being_written = commits.submit(b"1")
    writing.wait(10)
    waiting = commits.submit(b"2")
    assert not being_written.cancel()
    assert waiting.cancel()
    go_on.set()
    commits.submit(b"3").result(10)
    commits.close()
    assert stored == [b"1", b"3"]
    assert commits.queued_bytes == 0


def test_an_insert_that_does_not_end_is_a_problem_until_it_ends(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(group_commit, "STUCK_S", 0.05)
    writing, go_on = threading.Event(), threading.Event()

    def insert(_: Sequence[bytes]) -> None:
        writing.set()
        go_on.wait(10)

    commits = GroupCommit("test", insert, linger_s=0)
    assert commits.problem() == ""
    done = commits.submit(b"x")
    writing.wait(10)
    time.sleep(0.1)
    assert commits.problem() == "the thread llmcost-test has been writing for 0 s"
    go_on.set()
    done.result(10)
    commits.close()
    assert commits.problem() == ""


def test_without_its_thread_nothing_is_accepted(monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(GroupCommit, "_run", lambda _: None)
        commits = GroupCommit[bytes]("test", lambda _: None)
        commits.thread.join(10)
    with pytest.raises(StoreError, match="the thread llmcost-test has ended: restart the daemon"):
        commits.submit(b"x")
