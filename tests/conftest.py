# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""What swallows errors in production fails loudly here."""

from __future__ import annotations

from collections.abc import Iterator

import hypothesis
import pytest

from otel_llmcost import config, guard
from otel_llmcost.instrumentation import uninstrument

# No test is about time: a busy machine must not fail one.
hypothesis.settings.register_profile("untimed", deadline=None)
hypothesis.settings.load_profile("untimed")


@pytest.fixture(autouse=True)
def internal_errors(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Iterator[list[tuple[str, Exception]]]:
    """Errors the guard swallowed in this test; any fails it unless it `expects_internal_error`."""
    errors: list[tuple[str, Exception]] = []
    monkeypatch.setattr(guard, "report", lambda site, error: errors.append((site, error)))
    yield errors
    if errors and request.node.get_closest_marker("expects_internal_error") is None:
        site, error = errors[0]
        raise AssertionError(f"swallowed in {site}: {error!r}") from error


@pytest.fixture(autouse=True)
def settings(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Each test reads settings afresh, from an environment without ours and the SDKs' own."""
    import os

    for name in list(os.environ):
        if name.startswith(("LLMCOST_", "ANTHROPIC_", "OPENAI_")):
            monkeypatch.delenv(name)
    config.use(None)
    yield
    config.use(None)


@pytest.fixture(autouse=True)
def instrumentation_ends_with_its_test(
    internal_errors: list[tuple[str, Exception]], settings: None
) -> Iterator[None]:
    """What a test switches on, `measure()` also, is off for the next one in its process.

    It ends before `internal_errors`, so that an error of switching off fails the test.
    """
    yield
    uninstrument()
