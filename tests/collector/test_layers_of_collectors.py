# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""agent.yaml -> gateway.yaml -> daemon, over real TLS with a token and a certificate made here."""

from __future__ import annotations

import json
import shutil
import ssl
import subprocess
import urllib.error
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.protobuf.json_format import ParseDict
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2_grpc import TraceServiceStub

from tests.collector.otlp import record, traces
from tests.collector.running import (
    BINARY,
    CONFIG,
    Collector,
    collector,
    free_ports,
    needs_binary,
)
from tests.support.daemon_process import daemon
from tests.support.schema_store import with_schema
from tests.support.waiting import wait_until

pytestmark = [
    pytest.mark.collector,
    needs_binary,
    pytest.mark.skipif(
        not shutil.which("openssl"), reason="no openssl to make a certificate: apt install openssl"
    ),
]

AGENT = CONFIG.with_name("agent.yaml")
GATEWAY = CONFIG.with_name("gateway.yaml")
TOKEN = "5f1c0ffee5"
ALL_CALLS = "SELECT toUInt32(count()) AS n, toString(sum(cost_usd)) AS usd FROM llmcost.calls"


@dataclass
class Identity:
    """A self-signed certificate for 127.0.0.1, and what both sides need to use it."""

    certificate: Path
    key: Path
    port: int

    def gateway(self) -> dict[str, str]:
        return {
            "LLMCOST_GATEWAY_TOKEN": TOKEN,
            "LLMCOST_GATEWAY_CERT": str(self.certificate),
            "LLMCOST_GATEWAY_KEY": str(self.key),
        }

    def agent(self) -> dict[str, str]:
        return {
            "LLMCOST_GATEWAY_TOKEN": TOKEN,
            "LLMCOST_GATEWAY_CA": str(self.certificate),
            "LLMCOST_GATEWAY_URL": f"https://127.0.0.1:{self.port}",
        }

    def trust(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=self.certificate)


@pytest.fixture(scope="module")
def identity(tmp_path_factory: pytest.TempPathFactory) -> Identity:
    made = tmp_path_factory.mktemp("identity")
    certificate, key = made / "gateway.crt", made / "gateway.key"
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"),
            *("-noenc", "-days", "2", "-subj", "/CN=gateway"),
            *("-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", certificate),
        ],
        check=True,
        capture_output=True,
    )
    (port,) = free_ports(1)
    return Identity(certificate, key, port)


def agent(directory: Path, identity: Identity) -> Any:
    return collector(directory / "agent", {}, [CONFIG, AGENT], **identity.agent())


def gateway(directory: Path, identity: Identity, url: str, writer: str = "x") -> Any:
    environ = {
        **identity.gateway(),
        "LLMCOST_CLICKHOUSE_URL": url,
        "LLMCOST_WRITER_PASSWORD": writer,
    }
    return collector(
        directory / "gateway",
        {},
        [CONFIG, GATEWAY],
        trust=identity.trust(),
        otlp_http=identity.port,
        **environ,
    )


def unused() -> str:
    return f"http://127.0.0.1:{free_ports(1)[0]}"


@pytest.mark.parametrize("layer", [AGENT, GATEWAY], ids=["agent", "gateway"])
def test_a_layer_is_valid_with_a_token_and_refused_without(layer: Path, identity: Identity) -> None:
    def validate(**environ: str) -> subprocess.CompletedProcess[str]:
        command = [BINARY, "validate", f"--config={CONFIG}", f"--config={layer}"]
        return subprocess.run(command, env=environ, capture_output=True, text=True)

    settings = {**identity.gateway(), **identity.agent(), "LLMCOST_WRITER_PASSWORD": "secret"}
    assert validate(**settings).returncode == 0
    refused = validate(**{**settings, "LLMCOST_GATEWAY_TOKEN": ""})
    assert refused.returncode != 0
    assert "no bearer token" in refused.stderr


def test_a_record_by_agent_and_gateway_is_the_row_that_the_daemon_stores(
    tmp_path: Path, identity: Identity
) -> None:
    body = traces(record(0))
    rows = "SELECT * FROM llmcost.otel_traces"
    with daemon(with_schema(tmp_path / "store")) as database:
        with (
            gateway(tmp_path, identity, database.url, database.writer) as upper,
            agent(tmp_path, identity) as lower,
        ):
            assert lower.send("traces", body) == 200
            wait_until(lambda: database.rows(rows), upper.log)
        assert database.otlp("traces", body) == 200
        wait_until(lambda: len(database.rows(rows)) == 2, upper.log)
        by_layers, by_daemon = database.rows(rows)
        assert by_layers == by_daemon
        assert database.rows(ALL_CALLS) == [{"n": 1, "usd": "0.00000012"}]
        assert "a prompt" not in json.dumps(by_layers)


def test_content_never_leaves_the_agents_machine(tmp_path: Path, identity: Identity) -> None:
    """Its queue is what it would send: the gateway is down."""
    with agent(tmp_path, identity) as lower:
        assert lower.send("traces", traces(record(0))) == 200
        lower.kill()
    [*queued] = [path for path in (tmp_path / "agent/queue").rglob("*") if path.is_file()]
    kept = b"".join(path.read_bytes() for path in queued)
    assert b"claude-sonnet-4-5" in kept
    assert b"a prompt" not in kept


def test_the_gateway_takes_nothing_without_its_token(tmp_path: Path, identity: Identity) -> None:
    body = traces(record(0))
    with gateway(tmp_path, identity, unused()) as upper:
        assert upper.send("traces", body) == 401
        assert upper.send("traces", body, "wrong") == 401
        assert upper.send("traces", body, TOKEN) == 200
        assert by_grpc(upper, identity, body, "wrong") == grpc.StatusCode.UNAUTHENTICATED
        assert by_grpc(upper, identity, body, TOKEN) == grpc.StatusCode.OK


def test_an_agent_with_a_wrong_token_counts_what_it_drops(
    tmp_path: Path, identity: Identity
) -> None:
    """OTLP has it so: 401 is final. README says in which order to change tokens."""
    wrong = {**identity.agent(), "LLMCOST_GATEWAY_TOKEN": "old"}
    with (
        gateway(tmp_path, identity, unused()),
        collector(tmp_path / "agent", {}, [CONFIG, AGENT], **wrong) as lower,
    ):
        assert lower.send("traces", traces(record(0))) == 200
        wait_until(lambda: lower.metric("otelcol_exporter_send_failed_spans") == 1, lower.log)
        assert "401" in lower.log.read_text()


def test_the_gateway_is_not_believed_without_its_certificate(
    tmp_path: Path, identity: Identity
) -> None:
    with gateway(tmp_path, identity, unused()) as upper:
        upper.trust = ssl.create_default_context()
        with pytest.raises(urllib.error.URLError, match="CERTIFICATE_VERIFY_FAILED"):
            upper.send("traces", traces(record(0)), TOKEN)
        upper.trust = None
        assert upper.send("traces", traces(record(0)), TOKEN) == 400  # plain text to a TLS port


def by_grpc(
    upper: Collector, identity: Identity, body: dict[str, Any], token: str
) -> grpc.StatusCode:
    """The body in protobuf, where ids are bytes and not hex; the status of the answer."""
    request = ParseDict(body, ExportTraceServiceRequest())
    for span in request.resource_spans[0].scope_spans[0].spans:
        span.trace_id, span.span_id = bytes([1] * 16), bytes([1] * 8)
    credentials = grpc.ssl_channel_credentials(identity.certificate.read_bytes())
    with grpc.secure_channel(f"127.0.0.1:{upper.grpc}", credentials) as channel:
        try:
            TraceServiceStub(channel).Export(
                request, timeout=10, metadata=[("authorization", f"Bearer {token}")]
            )
        except grpc.RpcError as error:
            return error.code()
    return grpc.StatusCode.OK


def test_a_crash_of_every_part_loses_and_doubles_nothing(
    tmp_path: Path, identity: Identity
) -> None:
    """Agent killed while the gateway is down, gateway killed while the database is down."""
    with agent(tmp_path, identity) as lower:
        for batch in range(4):
            spans = [record(batch * 50 + number) for number in range(50)]
            assert lower.send("traces", traces(*spans)) == 200
        lower.kill()
    with agent(tmp_path, identity) as lower:
        with gateway(tmp_path, identity, unused()) as upper:
            accepted = "otelcol_receiver_accepted_spans"
            wait_until(lambda: upper.metric(accepted) == 200, lower.log)
            upper.kill()
        with (
            daemon(with_schema(tmp_path / "store")) as database,
            gateway(tmp_path, identity, database.url, database.writer) as upper,
        ):
            wait_until(lambda: database.rows(ALL_CALLS)[0]["n"] >= 200, upper.log)
            assert database.rows(ALL_CALLS) == [{"n": 200, "usd": "0.000024"}]
