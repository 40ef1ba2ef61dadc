# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Records leave before a process ends, is killed or is frozen, and nothing waits long for that."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator

import pytest

from tests.instrumentation.conftest import Collector
from tests.instrumentation.sdk_http import httpx

pytestmark = pytest.mark.slow

SETUP = (
    f"import {httpx.__name__} as httpx"
    + """
import atexit, os, signal, sys, threading, time
import otel_llmcost as llmcost
body = {"id": "c", "object": "chat.completion", "created": 1, "model": "gpt-4o", "choices": [],
        "usage": {"prompt_tokens": 1, "completion_tokens": 1}}
frames = [b'data: {"id":"c","object":"chat.completion.chunk","created":1,"model":"gpt-4o",'
          b'"choices":[],"usage":{"prompt_tokens":1,"completion_tokens":1}}\\n\\n',
          b"data: [DONE]\\n\\n"]
def answer(request):
    if b'"stream":true' in request.content.replace(b" ", b""):
        return httpx.Response(200, headers={"content-type": "text/event-stream"},
                              content=b"".join(frames))
    return httpx.Response(200, json=body)
def client():
    import openai
    http = httpx.Client(transport=httpx.MockTransport(answer))
    return openai.OpenAI(api_key="k", http_client=http).chat.completions
def call(times=1, **more):
    for _ in range(times):
        reply = completions.create(model="gpt-4o", messages=[], **more)
        if more:
            list(reply)
def after_the_main_thread(work):
    def run():
        threading.main_thread().join()
        work()
    threading.Thread(target=run).start()
"""
)
NO_NEW_THREADS = """
start = threading.Thread.start
def refuse(self):
    if not threading.main_thread().is_alive():
        raise RuntimeError("can't create new thread at interpreter shutdown")
    start(self)
threading.Thread.start = refuse
"""


def launch(program: str, endpoint: str, **environment: str) -> subprocess.Popen[str]:
    ours = {"LLMCOST_OTLP_ENDPOINT": endpoint} if endpoint else {}
    return subprocess.Popen(
        [sys.executable, "-c", SETUP + program],
        env={**os.environ, **ours, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def finish(program: str, endpoint: str, **environment: str) -> str:
    """Run to the end; returns what was said on stderr."""
    process = launch(program, endpoint, **environment)
    _, stderr = process.communicate()
    assert process.returncode == 0, stderr
    assert "Traceback" not in stderr, stderr
    return stderr


def eventually(condition: Callable[[], bool]) -> bool:
    for _ in range(2000):
        if condition():
            return True
        time.sleep(0.01)
    return False


@pytest.fixture
def dead_collector() -> Iterator[str]:
    """Takes connections and never answers."""
    with socket.create_server(("127.0.0.1", 0), backlog=64) as listening:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"


@pytest.mark.parametrize(
    ("before", "work"),
    [
        ("completions = client()", "call(20)"),
        ("completions = client()", "call(20, stream=True)"),
        ("", "globals().update(completions=client()); call(20)"),
        ("completions = client()" + NO_NEW_THREADS, "call(20)"),
        ("completions = client()" + NO_NEW_THREADS, "call(20, stream=True)"),
    ],
    ids=["plain", "streams", "SDK imported late", "no new threads", "streams, no new threads"],
)
def test_the_first_call_may_come_after_the_main_thread_has_ended(
    before: str, work: str, collector: Collector
) -> None:
    program = f"llmcost.instrument()\n{before}\nafter_the_main_thread(lambda: exec({work!r}))"
    finish(program, collector.url)
    assert len(collector.record_ids) == 20


def test_calls_may_come_from_what_runs_at_exit(collector: Collector) -> None:
    program = """
completions = client()
atexit.register(call, 5)
llmcost.instrument()
call(3)
"""
    finish(program, collector.url)
    assert len(collector.record_ids) == 8


def test_a_dead_collector_delays_the_end_by_seconds_and_the_loss_is_said_once(
    dead_collector: str,
) -> None:
    program = """
completions = client()
atexit.register(lambda: print("waited", time.monotonic() - ended))
llmcost.instrument()
call(7)
ended = time.monotonic()
"""
    process = launch(program, dead_collector)
    stdout, stderr = process.communicate()
    assert process.returncode == 0, stderr
    assert re.findall(r"(\d+) of (\d+) records were not delivered to http", stderr) == [("7", "7")]
    assert dead_collector in stderr
    waited = float(stdout.split()[-1])
    assert waited < 9, "the exporter's own patience is 10 s"


def test_a_delivered_process_says_nothing_at_its_end(collector: Collector) -> None:
    program = "completions = client()\nllmcost.instrument()\ncall(3)"
    assert "delivered" not in finish(program, collector.url)
    assert len(collector.record_ids) == 3


WAITING = """
completions = client()
llmcost.instrument()
{before}
call(5)
{after}
print("ready", flush=True)
while True:
    time.sleep(0.05)
"""


def test_records_leave_on_sigterm_and_the_process_dies_of_it(collector: Collector) -> None:
    process = launch(WAITING.format(before="", after=""), collector.url)
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    process.send_signal(signal.SIGTERM)
    _, stderr = process.communicate()
    assert process.returncode == -signal.SIGTERM, stderr
    assert len(collector.record_ids) == 5


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_handler_of_the_application_stays(collector: Collector, when: str) -> None:
    handler = "signal.signal(signal.SIGTERM, lambda *_: sys.exit(7))"
    program = WAITING.format(**{"before": "", "after": "", when: handler})
    if when == "before":
        program = f"{handler}\n{program}"
    process = launch(program, collector.url)
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    process.send_signal(signal.SIGTERM)
    process.communicate()
    assert process.returncode == 7
    assert len(collector.record_ids) == 5


def test_sigterm_is_left_alone_when_switched_off_and_after_uninstrument(
    collector: Collector,
) -> None:
    calling = "completions = client()\nllmcost.instrument()\n"
    is_default = "assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL"
    finish(calling + is_default, collector.url, LLMCOST_SIGTERM="0")
    finish(calling + "llmcost.uninstrument()\n" + is_default, collector.url)
    finish(f"{calling}assert not ({is_default.removeprefix('assert ')})", collector.url)


PROVIDERS = """
from opentelemetry import _logs, trace
from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import BatchLogRecordProcessor
provider = LoggerProvider()
exporter = OTLPLogExporter(endpoint=os.environ["COLLECTOR"] + "/v1/logs")
provider.add_log_record_processor(BatchLogRecordProcessor(exporter, schedule_delay_millis=600_000))
_logs.set_logger_provider(provider)
"""


@pytest.mark.parametrize("whose", ["ours", "the application's"])
def test_a_frozen_process_has_sent_what_was_flushed(collector: Collector, whose: str) -> None:
    ours = whose == "ours"
    program = ("" if ours else PROVIDERS) + WAITING.format(
        before="", after="assert llmcost.flush(timeout=20)"
    )
    process = launch(program, collector.url if ours else "", COLLECTOR=collector.url)
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    process.send_signal(signal.SIGSTOP)
    try:
        assert len(collector.record_ids) == 5
    finally:
        process.kill()
        process.communicate()


def test_flush_says_when_records_could_not_be_delivered_in_time(dead_collector: str) -> None:
    program = """
completions = client()
llmcost.instrument()
call(2)
assert llmcost.flush(timeout=0.2) is False
os._exit(0)
"""
    finish(program, dead_collector)


def test_flush_without_anything_to_send_is_done(dead_collector: str) -> None:
    finish("assert llmcost.flush() is True", "")
    # In a process of its own: the emitters of other tests would be flushed too.
    finish("llmcost.instrument()\nassert llmcost.flush() is True", dead_collector)
