# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import json
import socket
from collections.abc import Iterable, Iterator
from decimal import Decimal

import pytest

from otel_llmcost.cli import checks, doctor
from otel_llmcost.store import Store
from tests.cli.calls import add, call
from tests.cli.conftest import Command


@pytest.fixture
def listener() -> Iterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"http://127.0.0.1:{server.getsockname()[1]}"


def states(found: Iterable[checks.Finding]) -> list[str]:
    return [finding.state for finding in found]


def test_both_sdks_and_entry_points_are_found() -> None:
    assert set(states(checks.sdks({}))) == {"ok"}
    assert [f.found for f in checks.instrumentors({}) if f.check == "entry points"] == [
        "llmcost_anthropic",
        "llmcost_openai",
    ]


def test_a_disabled_instrumentor_fails_and_names_the_variable() -> None:
    environ = {"OTEL_PYTHON_DISABLED_INSTRUMENTATIONS": "flask, llmcost_openai"}
    (broken,) = [f for f in checks.instrumentors(environ) if f.state == "fail"]
    assert "llmcost_openai" in broken.found
    assert "OTEL_PYTHON_DISABLED_INSTRUMENTATIONS" in broken.fix


def test_an_undeclared_gateway_fails_with_the_setting_that_fixes_it() -> None:
    environ = {"OPENAI_BASE_URL": "http://gateway.corp:4000/v1"}
    (finding,) = checks.settings(environ)
    assert (finding.state, finding.fix) == ("fail", "LLMCOST_HOSTS=gateway.corp:4000=openai")
    declared = {**environ, "LLMCOST_HOSTS": "gateway.corp:4000=openai"}
    assert set(states(checks.settings(declared))) == {"ok"}


def test_a_gateway_declared_by_model_is_no_failure() -> None:
    environ = {
        "OPENAI_BASE_URL": "http://gateway.corp:4000/v1",
        "LLMCOST_HOSTS": "gateway.corp:4000/anthropic/=anthropic",
    }
    (finding,) = checks.settings(environ)
    assert finding.state == "ok"
    assert finding.found == (
        "gateway.corp:4000 is billed by anthropic for models that begin with anthropic/"
    )


@pytest.mark.parametrize(
    ("reported", "state", "fix"),
    [("10.05", "ok", ""), ("12", "warn", "`SELECT * FROM reported_costs` shows the")],
)
def test_costs_that_a_gateway_reports_are_held_against_ours(
    reported: str, state: str, fix: str
) -> None:
    seen = {"service": "shop", "reported_calls": 3, "own_cost_usd": Decimal(10)}
    finding = doctor.reported_costs({**seen, "reported_cost_usd": Decimal(reported)})
    assert finding.state == state
    assert finding.fix.startswith(fix)
    assert "3 calls" in finding.found


def test_the_provider_s_own_address_is_no_gateway() -> None:
    assert states(checks.settings({"ANTHROPIC_BASE_URL": "https://api.anthropic.com"})) == ["ok"]


def test_a_setting_that_cannot_be_read_fails() -> None:
    (finding,) = checks.settings({"LLMCOST_EVENTS": "sometimes"})
    assert finding.state == "fail"
    assert "LLMCOST_EVENTS" in finding.found


@pytest.mark.parametrize(
    ("environ", "state"),
    [
        ({"OTEL_SDK_DISABLED": "true"}, "fail"),
        ({"OTEL_TRACES_EXPORTER": "none", "OTEL_LOGS_EXPORTER": "none"}, "fail"),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:9"}, "warn"),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:notaport"}, "warn"),
    ],
)
def test_an_exporter_that_reaches_nobody_is_told(environ: dict[str, str], state: str) -> None:
    (finding,) = checks.exporter(environ)
    assert finding.state == state
    assert finding.fix


def test_an_endpoint_that_listens_is_fine(listener: str) -> None:
    assert states(checks.exporter({"OTEL_EXPORTER_OTLP_ENDPOINT": listener})) == ["ok"]


def test_the_doctor_reports_the_store_and_what_is_unpriced(
    cli: Command, embedded_store: Store
) -> None:
    add(embedded_store, call(), call(usd=None))
    result = cli("doctor", "--format", "json")
    found = {row["check"]: row for row in json.loads(result.stdout)}
    assert found["schema"]["state"] == "ok"
    assert found["records"]["state"] == "warn"
    assert "50.0% priced" in found["records"]["found"]
    assert found["daemon"]["state"] == "warn"


def test_sending_without_a_daemon_fails_and_says_how_to_start_one(
    cli: Command, embedded_store: Store
) -> None:
    result = cli("doctor", "--send")
    assert result.exit_code == 1
    assert "otel-llmcost serve --store" in result.stdout
