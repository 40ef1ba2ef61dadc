# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""The wall between our code and the user's: whatever goes wrong inside us stops here.

    with guard("tracker.on_request"): ...   # as context manager
    @guard("tracker.on_request")            # as decorator; the call returns None when it failed

A swallowed error is counted (`llmcost.instrumentation.errors` by site and error type) and logged
with its traceback the first time per site and type, at DEBUG afterwards. What is no `Exception`
(cancellation, Ctrl-C) and `BudgetExceeded`, which the user switched on, pass through.
This is the only file that catches everything.
"""

from __future__ import annotations

import contextlib
import functools
import logging
from collections.abc import Callable
from types import TracebackType
from typing import Any, ParamSpec, TypeVar

from otel_llmcost.errors import BudgetExceeded
from otel_llmcost.semconv import METRIC_ERRORS, SCOPE

P = ParamSpec("P")
R = TypeVar("R")

_log = logging.getLogger(__name__)
_seen: set[tuple[str, type[BaseException]]] = set()
_counter: Any = None


def report(site: str, error: Exception) -> None:
    """Count and log an error that was swallowed at `site`. Tests replace this to fail loudly."""
    key = (site, type(error))
    level = logging.DEBUG if key in _seen else logging.WARNING
    _seen.add(key)
    _log.log(level, "otel-llmcost failed in %s; your call is unaffected", site, exc_info=error)
    _count(site, type(error).__qualname__)


def _count(site: str, error_type: str) -> None:
    global _counter
    if _counter is None:
        from opentelemetry.metrics import get_meter

        _counter = get_meter(SCOPE).create_counter(
            METRIC_ERRORS,
            unit="{error}",
            description="Errors inside otel-llmcost that were swallowed",
        )
    _counter.add(1, {"site": site, "error.type": error_type})


class guard:
    """Swallow and report any `Exception` raised inside; `site` names the place for the reader."""

    __slots__ = ("site",)

    def __init__(self, site: str) -> None:
        self.site = site

    def __enter__(self) -> None:
        return None

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> bool:
        if error is None:
            return False
        if not isinstance(error, Exception) or isinstance(error, BudgetExceeded):
            return False
        _swallow(self.site, error)
        return True

    def __call__(self, function: Callable[P, R]) -> Callable[P, R | None]:
        """Guard every call of `function`."""
        site = self.site

        @functools.wraps(function)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> R | None:
            try:
                return function(*args, **kwargs)
            except BudgetExceeded:
                raise
            except Exception as error:  # noqa: BLE001 - the wall
                _swallow(site, error)
                return None

        return guarded


def _swallow(site: str, error: Exception) -> None:
    # Reporting must not break the user's call either.
    with contextlib.suppress(Exception):
        report(site, error)
