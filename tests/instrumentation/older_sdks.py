# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""On the older SDKs of `make test-matrix`, a test of what they lack is skipped and says so."""

from __future__ import annotations

import os
from importlib.metadata import version
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import otel_llmcost

_OURS = Path(otel_llmcost.__file__).parent


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Any:
    outcome = yield
    report = outcome.get_result()
    if not os.environ.get("TEST_MATRIX") or call.excinfo is None or not report.failed:
        return
    if lacks := _lacking(call.excinfo):
        versions = " ".join(f"{name} {version(name)}" for name in ("anthropic", "openai"))
        report.outcome = "skipped"
        report.longrepr = (str(item.path), 0, f"Skipped: {versions}: {lacks}")


def _lacking(failure: pytest.ExceptionInfo[BaseException]) -> str | None:
    """What the test wants of an SDK that it does not have; None for any other failure."""
    error = failure.value
    if any(Path(entry.path).is_relative_to(_OURS) for entry in failure.traceback[-1:]):
        return None
    if isinstance(error, AttributeError):
        known = error.obj
        owner = known if isinstance(known, type | ModuleType) else type(known)
        named = owner.__name__ if isinstance(owner, ModuleType) else owner.__module__
    elif isinstance(error, ImportError):
        named = error.name or ""
    elif isinstance(error, TypeError) and "unexpected keyword argument" in str(error):
        return str(error)  # not raised in our code: see above
    else:
        return None
    return str(error) if named.startswith(("anthropic", "openai")) else None
