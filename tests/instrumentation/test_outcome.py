# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Outcomes are events that share scope, session and trace with the calls behind them."""

from __future__ import annotations

from typing import Any

import pytest

from otel_llmcost import allocate, feature
from otel_llmcost.outcomes import outcome
from tests.instrumentation.conftest import Telemetry
from tests.instrumentation.providers_stub import Api, Server


def outcomes(telemetry: Telemetry) -> list[Any]:
    logs = telemetry.logs_out.get_finished_logs()
    return [log.log_record for log in logs if log.log_record.event_name == "llmcost.outcome"]


def test_an_outcome_shares_the_scope_and_trace_of_its_calls(telemetry: Telemetry) -> None:
    api = Api("openai", False, Server())
    tracer = telemetry.tracer_provider.get_tracer("app")
    with feature("support", session="s1"), tracer.start_as_current_span("work") as span:
        api.client.chat.completions.create(**api.arguments())
        outcome("ticket_resolved", 2, team="docs")
    (event,) = outcomes(telemetry)
    assert event.attributes["llmcost.outcome.name"] == "ticket_resolved"
    assert event.attributes["llmcost.outcome.value"] == 2.0
    assert len(event.attributes["llmcost.outcome.id"]) == 32
    assert event.attributes["llmcost.allocation.team"] == "docs"
    for shared in ("llmcost.scope.id", "session.id", "llmcost.feature"):
        assert event.attributes[shared] == telemetry.record[shared]
    assert event.trace_id == span.get_span_context().trace_id


@pytest.mark.parametrize(
    ("name", "value"), [("", 1.0), (None, 1.0), ("x", float("nan")), ("x", "many"), ("x", None)]
)
def test_a_bad_outcome_is_dropped_and_never_raises(
    telemetry: Telemetry, name: Any, value: Any, caplog: pytest.LogCaptureFixture
) -> None:
    with allocate(user="u"):
        outcome(name, value)
    assert outcomes(telemetry) == []
    assert "dropped" in caplog.text
