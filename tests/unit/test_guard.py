# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Nothing of ours gets past the guard; everything of the user's does."""

from __future__ import annotations

import asyncio

import pytest

from otel_llmcost import guard as guard_module
from otel_llmcost.errors import BudgetExceeded
from otel_llmcost.guard import guard

Errors = list[tuple[str, Exception]]


@pytest.mark.expects_internal_error
def test_an_error_inside_stops_at_the_guard(internal_errors: Errors) -> None:
    with guard("here"):
        raise ValueError("ours")
    ((site, error),) = internal_errors
    assert site == "here"
    assert str(error) == "ours"


@pytest.mark.expects_internal_error
def test_a_guarded_function_that_fails_returns_none(internal_errors: Errors) -> None:
    @guard("there")
    def broken(value: int) -> float:
        return 1 / value

    assert broken(0) is None
    assert broken(2) == 0.5
    assert [site for site, _ in internal_errors] == ["there"]


@pytest.mark.parametrize("error", [KeyboardInterrupt, asyncio.CancelledError, BudgetExceeded])
def test_cancellation_and_wanted_errors_pass(error: type[BaseException]) -> None:
    def raising() -> None:
        with guard("here"):
            raise error

    with pytest.raises(error):
        raising()
    with pytest.raises(error):
        guard("here")(raising)()


def test_an_error_is_logged_loudly_once_and_counted_each_time(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted: list[tuple[str, str]] = []
    monkeypatch.undo()  # the real report
    monkeypatch.setattr(guard_module, "_count", lambda *args: counted.append(args))
    monkeypatch.setattr(guard_module, "_seen", set())
    for _ in range(3):
        with guard("here"):
            raise ValueError
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert counted == [("here", "ValueError")] * 3


def test_a_failing_report_is_swallowed_too(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(guard_module, "report", broken)
    with guard("here"):
        raise ValueError
