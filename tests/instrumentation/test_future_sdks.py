# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""An SDK that lacks a part we patch: what can be seen is recorded, and one line is logged."""

from __future__ import annotations

import importlib
import logging
from types import ModuleType
from typing import Any

import pytest

from otel_llmcost.instrumentation import uninstrument
from otel_llmcost.instrumentation.patching.http import HttpPatch
from tests.instrumentation.conftest import Telemetry
from tests.instrumentation.providers_stub import Api, Server, assert_exact


class Heard:
    """Stands for a tracker: notes the replies that reach it."""

    def __init__(self) -> None:
        self.replies: list[dict[str, Any]] = []

    def on_response(self, client: Any, given: dict[str, Any]) -> None:
        self.replies.append(given)

    def close(self) -> None: ...


def future_sdk(**methods: Any) -> Any:
    """A `_base_client` whose classes have only these methods, by `Class__method`."""
    module = ModuleType("future._base_client")
    for name in {key.split("__", 1)[0] for key in methods}:
        own = {k.split("__", 1)[1]: v for k, v in methods.items() if k.startswith(f"{name}__")}
        setattr(module, name, type(name, (), own))
    return module


@pytest.mark.parametrize("gone", ["_build_request", "_calculate_retry_timeout"])
async def test_replies_are_recorded_without_the_methods_that_count_attempts(
    sdk: str, is_async: bool, server: Server, monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture, gone: str,
) -> None:  # fmt: skip
    base = importlib.import_module(f"{sdk}._base_client")

    class Moved:  # the SDK's own class keeps the method, under a name that we do not know
        pass

    monkeypatch.setattr(Moved, "_build_request", base.BaseClient._build_request, raising=False)
    monkeypatch.setattr(
        Moved, "_calculate_retry_timeout", base.BaseClient._calculate_retry_timeout, raising=False
    )
    monkeypatch.delattr(Moved, gone)
    monkeypatch.setattr(base, "BaseClient", Moved)
    with caplog.at_level(logging.WARNING, "otel_llmcost"):
        telemetry = Telemetry().on()
        try:
            await Api(sdk, is_async, server).create()
            assert_exact(telemetry.record, sdk)
        finally:
            uninstrument()
    warnings = [record.getMessage() for record in caplog.records]
    assert warnings == [
        f"this version of {sdk} has no BaseClient.{gone}: "
        "replies are recorded, their attempts may not be"
    ]


def test_replies_are_seen_where_only_they_can_be(sdk: str) -> None:
    def parse(self: Any, *args: Any, **kwargs: Any) -> tuple[Any, ...]:
        return (*args, *kwargs.values())

    module = future_sdk(SyncAPIClient___process_response=parse)
    heard = Heard()
    tracker: Any = heard
    missing = HttpPatch(tracker).install(module)
    assert "SyncAPIClient._process_response" not in missing
    assert len(missing) == 5
    assert module.SyncAPIClient()._process_response("more", response=1) == ("more", 1)
    assert heard.replies == [{"response": 1}]


async def test_an_sdk_that_shows_no_replies_works_on_and_says_so_once(
    sdk: str, is_async: bool, server: Server, monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    base = importlib.import_module(f"{sdk}._base_client")
    for name in ("BaseClient", "SyncAPIClient", "AsyncAPIClient"):
        monkeypatch.delattr(base, name)
    with caplog.at_level(logging.WARNING, "otel_llmcost"):
        telemetry = Telemetry().on()
        try:
            for _ in range(2):
                await Api(sdk, is_async, server).create()
            assert telemetry.records == []
        finally:
            uninstrument()
    (warning,) = caplog.records
    assert warning.getMessage().startswith(f"this version of {sdk} cannot be instrumented: no ")
