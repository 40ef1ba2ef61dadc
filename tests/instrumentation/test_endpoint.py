# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""`LLMCOST_OTLP_ENDPOINT`: records leave by a way of their own, whatever the application has."""

from __future__ import annotations

import os
import subprocess
import sys

from tests.instrumentation.conftest import Collector
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


def test_parent_and_forked_child_both_deliver(collector: Collector) -> None:
    environment = {
        **os.environ,
        "LLMCOST_OTLP_ENDPOINT": collector.url,
        "OTEL_SERVICE_NAME": "shop",
    }
    run = subprocess.run(
        [sys.executable, "-c", PROGRAM], env=environment, capture_output=True, text=True
    )
    assert run.returncode == 0, run.stderr
    names = sorted(log.event_name for log in collector.logs)
    assert names == ["llmcost.call"] * 2 + ["llmcost.outcome"]
    assert len({record_id[:16] for record_id in collector.record_ids}) == 2
    assert "service.name" in str(collector.requests[0].resource_logs[0].resource)
    assert "Traceback" not in run.stderr
