# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""What must not happen: budgets passed by calls at once, records lost after the main thread."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from opentelemetry.context import Context
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from rich.table import Table

from otel_llmcost import BudgetExceeded
from otel_llmcost.instrumentation.budgets import gate
from otel_llmcost.instrumentation.budgets.store import Budget, Snapshot
from otel_llmcost.instrumentation.calls.call import Call
from otel_llmcost.instrumentation.records import record_attributes

ROUNDS, AT_ONCE, CALLS = 20, 50, 20
LIMIT = Decimal("1.00")
PROGRAM = """
import threading, httpx2, openai, otel_llmcost
body = {"id": "c", "object": "chat.completion", "created": 1, "model": "gpt-4o", "choices": [],
        "usage": {"prompt_tokens": 1, "completion_tokens": 1}}
transport = httpx2.MockTransport(lambda request: httpx2.Response(200, json=body))
client = openai.OpenAI(api_key="k", http_client=httpx2.Client(transport=transport))
otel_llmcost.instrument()
def work():
    threading.main_thread().join()
    for _ in range(CALLS):
        client.chat.completions.create(model="gpt-4o", messages=[])
threading.Thread(target=work).start()
"""


class _Nowhere:
    """Stands in for an emitter."""

    def resource(self) -> dict[str, str]:
        return {}

    def event(self, *_: object) -> None: ...


def _call() -> Call:
    """One of $0.60: 40,000 tokens at $15 per million."""
    body = {"model": "claude-sonnet-4-6", "max_tokens": 40_000, "messages": []}
    call = Call(
        sdk="anthropic", endpoint="/v1/messages", provider="anthropic", known_host=True,
        base_url="https://api.anthropic.com", host="api.anthropic.com", body=body, stream=False,
        started=0, attributes={}, allocation={}, context=Context(), emitter=None,
    )  # fmt: skip
    call.attributes = record_attributes.of_request(call)
    return call


def passed_at_once() -> list[int]:
    """Calls of $0.60 that passed a limit of $1.00, of 50 at once, by round."""
    budget = Budget(
        name="b", scope="total", value="", period="day", blocks=True, amount=LIMIT,
        warn_at=LIMIT * 2, spent=Decimal(0), ends_at=4102444800,
    )  # fmt: skip
    emitter: Any = _Nowhere()
    found: list[int] = []
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    for _ in range(ROUNDS):
        budgets = gate.Budgets("http://127.0.0.1:9")
        budgets.watch = lambda: None
        budgets._ledger.update(Snapshot(budgets=(budget,), newest_own=""), time.monotonic())  # pyright: ignore[reportPrivateUsage]
        budgets._fresh_at = time.monotonic()  # pyright: ignore[reportPrivateUsage]
        together = threading.Barrier(AT_ONCE)

        def admit(_: int, budgets: Any = budgets, together: threading.Barrier = together) -> bool:
            call = _call()
            together.wait()
            try:
                budgets.admit(call, emitter)
            except BudgetExceeded:
                return False
            return True

        with ThreadPoolExecutor(AT_ONCE) as pool:
            found.append(sum(pool.map(admit, range(AT_ONCE))))
    sys.setswitchinterval(interval)
    return found


def lost_after_the_main_thread() -> int:
    """Records of 20 that do not arrive when the first call comes after the main thread's end."""
    arrived = 0

    class Collector(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            nonlocal arrived
            body = self.rfile.read(int(self.headers["content-length"]))
            sent = ExportLogsServiceRequest.FromString(body)
            for resource in sent.resource_logs:
                arrived += sum(len(scope.log_records) for scope in resource.scope_logs)
            self.send_response(200)
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Collector)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_port}"
    subprocess.run(
        [sys.executable, "-c", PROGRAM.replace("CALLS", str(CALLS))],
        env={**os.environ, "LLMCOST_OTLP_ENDPOINT": url},
        check=True,
        stderr=subprocess.DEVNULL,
    )
    server.shutdown()
    server.server_close()
    return CALLS - arrived


def table() -> Table:
    """Both counts; what is right beside them."""
    found = Table(title="accidents", title_justify="left")
    for column in ("what", "measured", "right"):
        found.add_column(column)
    passed = passed_at_once()
    shown = f"at most {max(passed)}, together {sum(passed)} in {ROUNDS} rounds"
    found.add_row(f"calls of $0.60 that passed $1.00, of {AT_ONCE} at once", shown, "1 a round")
    lost = lost_after_the_main_thread()
    found.add_row("records lost after the main thread's end", f"{lost} of {CALLS}", "0")
    return found
