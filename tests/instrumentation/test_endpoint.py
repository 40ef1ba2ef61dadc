# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""`LLMCOST_OTLP_ENDPOINT`: records leave by a way of their own, whatever the application has."""

from __future__ import annotations

import gzip
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest

from tests.instrumentation.sdk_http import httpx

PROGRAM = (
    f"import {httpx.__name__} as httpx"
    + """
import os, openai
import otel_llmcost
body = {"id": "c", "object": "chat.completion", "created": 1, "model": "gpt-4o", "choices": [],
        "usage": {"prompt_tokens": 1, "completion_tokens": 1}}
transport = httpx.MockTransport(lambda request: httpx.Response(200, json=body))
client = openai.OpenAI(api_key="k", http_client=httpx.Client(transport=transport))
otel_llmcost.instrument()
call = lambda: client.chat.completions.create(model="gpt-4o", messages=[])
call()
if os.fork() == 0:
    call()
    otel_llmcost.uninstrument()
    os._exit(0)
os.wait()
otel_llmcost.outcome("done")
"""
)


@pytest.fixture
def received() -> Iterator[tuple[str, list[ExportLogsServiceRequest]]]:
    requests: list[ExportLogsServiceRequest] = []

    class Collector(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            if self.headers.get("content-encoding") == "gzip":
                body = gzip.decompress(body)
            requests.append(ExportLogsServiceRequest.FromString(body))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Collector)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", requests
    server.shutdown()
    server.server_close()


def test_parent_and_forked_child_both_deliver(
    received: tuple[str, list[ExportLogsServiceRequest]],
) -> None:
    url, requests = received
    environment = {**os.environ, "LLMCOST_OTLP_ENDPOINT": url, "OTEL_SERVICE_NAME": "shop"}
    run = subprocess.run(
        [sys.executable, "-c", PROGRAM], env=environment, capture_output=True, text=True
    )
    assert run.returncode == 0, run.stderr
    logs = [
        log
        for request in requests
        for resource in request.resource_logs
        for scope in resource.scope_logs
        for log in scope.log_records
    ]
    assert sorted(log.event_name for log in logs) == ["llmcost.call"] * 2 + ["llmcost.outcome"]
    ids = {
        attribute.value.string_value
        for log in logs
        for attribute in log.attributes
        if attribute.key == "llmcost.record.id"
    }
    assert len({record_id[:16] for record_id in ids}) == 2
    assert "service.name" in str(requests[0].resource_logs[0].resource)
    assert "Traceback" not in run.stderr
