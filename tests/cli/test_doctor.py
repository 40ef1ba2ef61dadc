# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any

import pytest

from otel_llmcost.cli.commands import doctor
from otel_llmcost.doctor import checks, routes
from otel_llmcost.store import Store, open_store
from tests.cli.calls import add, call
from tests.cli.conftest import Command
from tests.support.schema_store import with_schema

LOGS = {"OTEL_TRACES_EXPORTER": "none"}
"""Only one signal, so that there is one finding."""


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
        ({"LLMCOST_OTLP_ENDPOINT": "http://127.0.0.1:9"}, "warn"),
        ({**LOGS, "OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:9"}, "warn"),
        ({**LOGS, "OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:notaport"}, "warn"),
        ({"OTEL_TRACES_EXPORTER": "console", "OTEL_LOGS_EXPORTER": "none"}, "warn"),
    ],
)
def test_an_exporter_that_reaches_no_listener_is_reported(
    environ: dict[str, str], state: str
) -> None:
    (finding,) = checks.exporter(environ)
    assert finding.state == state
    assert finding.fix


def test_an_endpoint_that_listens_is_fine(listener: str) -> None:
    found = checks.exporter({**LOGS, "OTEL_EXPORTER_OTLP_ENDPOINT": listener})
    assert states(found) == ["ok"]


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


BASE, TRACES = "OTEL_EXPORTER_OTLP", "OTEL_EXPORTER_OTLP_TRACES"


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        (
            {},
            [
                ("traces", "grpc", "http://localhost:4317"),
                ("logs", "grpc", "http://localhost:4317"),
            ],
        ),
        (
            {f"{BASE}_PROTOCOL": "http/protobuf", f"{BASE}_ENDPOINT": "http://h:1/otlp/"},
            [
                ("traces", "http/protobuf", "http://h:1/otlp/v1/traces"),
                ("logs", "http/protobuf", "http://h:1/otlp/v1/logs"),
            ],
        ),
        (
            {
                f"{TRACES}_PROTOCOL": "http/protobuf",
                f"{TRACES}_ENDPOINT": "http://t:2/as/it/is",
                f"{BASE}_ENDPOINT": "http://h:1",
            },
            [("traces", "http/protobuf", "http://t:2/as/it/is"), ("logs", "grpc", "http://h:1")],
        ),
        (
            {"OTEL_TRACES_EXPORTER": "otlp_proto_http,console", "OTEL_LOGS_EXPORTER": "none"},
            [
                ("traces", "http/protobuf", "http://localhost:4318/v1/traces"),
                ("traces", "console", "http://localhost:4318/v1/traces"),
            ],
        ),
        (
            {"LLMCOST_OTLP_ENDPOINT": "http://own:3/", f"{BASE}_ENDPOINT": "http://h:1"},
            [("logs", "http/protobuf", "http://own:3/v1/logs")],
        ),
    ],
)
def test_routes_are_those_of_opentelemetry(
    environ: dict[str, str], expected: list[tuple[str, str, str]]
) -> None:
    found = routes.routes(environ)
    assert [(route.signal, route.protocol, route.endpoint) for route in found] == expected


@pytest.fixture(scope="module")
def daemon(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    """A daemon of its own, and what it says about itself."""
    store = with_schema(tmp_path_factory.mktemp("doctor") / "store")
    ports = [f"--{name}-port=0" for name in ("otlp-grpc", "otlp-http", "clickhouse", "web")]
    command = [sys.executable, "-m", "otel_llmcost.cli", "serve", "--store", str(store), *ports]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as process:
        try:
            facts = store / "daemon.json"
            while not facts.exists():
                assert process.poll() is None
                time.sleep(0.1)
            yield {**json.loads(facts.read_text()), "store": str(store)}
        finally:
            process.terminate()
            process.wait(timeout=60)


def sent(cli: Command, daemon: dict[str, Any]) -> list[dict[str, str]]:
    result = cli("doctor", "--send", "--format", "json", "--url", daemon["store"])
    return [row for row in json.loads(result.stdout) if row["check"].startswith("test record")]


@pytest.mark.parametrize(
    "environ",
    [
        {f"{BASE}_ENDPOINT": "otlp_http", f"{BASE}_PROTOCOL": "http/protobuf"},
        {f"{BASE}_ENDPOINT": "otlp_grpc"},
        {"LLMCOST_OTLP_ENDPOINT": "otlp_http"},
    ],
)
def test_the_test_record_goes_the_way_of_the_app(
    cli: Command, daemon: dict[str, Any], monkeypatch: pytest.MonkeyPatch, environ: dict[str, str]
) -> None:
    for name, value in environ.items():
        monkeypatch.setenv(name, daemon.get(value, value))
    found = sent(cli, daemon)
    assert {row["state"] for row in found} == {"ok"}, found
    assert len(found) == (1 if "LLMCOST_OTLP_ENDPOINT" in environ else 2)
    # It is in no report: neither as spend nor as a service whose records are complete.
    spend = cli("spend", "--by", "service", "--format", "json", "--url", daemon["store"])
    assert json.loads(spend.stdout) == []
    with open_store(f"chdb://{daemon['store']}") as store:
        assert store.query("SELECT count() FROM trust").rows == [(0,)]


@pytest.mark.parametrize(
    ("environ", "state", "found"),
    [
        ({}, "ok", "reach threads and thread pools"),
        ({"LLMCOST_THREADS": "0"}, "warn", "LLMCOST_THREADS is off"),
    ],
)
def test_the_doctor_says_whether_tags_reach_threads(
    environ: dict[str, str], state: str, found: str
) -> None:
    (finding,) = checks.threads(environ)
    assert finding.state == state
    assert found in finding.found


@pytest.mark.parametrize(
    ("where", "protocol", "found", "fix"),
    [
        ("otlp_http", "grpc", "where OTLP/HTTP listens", f"{BASE}_PROTOCOL=http/protobuf"),
        ("otlp_grpc", "http/protobuf", "where gRPC listens", f"{BASE}_PROTOCOL=grpc"),
        ("web", "http/protobuf", "takes no OTLP", f"{BASE}_ENDPOINT=http://127.0.0.1:"),
        ("web", "grpc", "takes no OTLP", f"{BASE}_ENDPOINT=http://127.0.0.1:"),
        ("http_url", "http/protobuf", "SQL port", f"{BASE}_ENDPOINT=http://127.0.0.1:"),
        ("tls", "http/protobuf", "speaks no TLS", "use http:// in"),
        ("closed", "http/protobuf", "nothing listens", f"{BASE}_ENDPOINT=http://127.0.0.1:"),
    ],
)
def test_a_port_that_is_not_theirs_is_named_with_the_fix(
    cli: Command,
    daemon: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch,
    where: str,
    protocol: str,
    found: str,
    fix: str,
) -> None:
    others = {"closed": "http://127.0.0.1:9", "tls": daemon["otlp_http"].replace("http", "https")}
    monkeypatch.setenv(f"{BASE}_ENDPOINT", {**daemon, **others}[where])
    monkeypatch.setenv(f"{BASE}_PROTOCOL", protocol)
    for row in sent(cli, daemon):
        assert row["state"] == "fail"
        assert found in row["found"]
        assert fix in row["fix"]


@pytest.mark.parametrize(
    "package", ["litellm", "google-genai", "mistralai", "boto3", "cohere", "ollama"]
)
def test_a_library_whose_calls_are_not_seen_is_named_with_the_way(
    monkeypatch: pytest.MonkeyPatch, package: str
) -> None:
    monkeypatch.setattr(checks, "_version", lambda name: "1.0" if name == package else None)
    (finding,) = checks.unseen({})
    assert finding.state == "warn"
    assert f"{package} 1.0" in finding.found
    assert finding.fix
