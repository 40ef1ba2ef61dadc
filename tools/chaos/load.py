# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Applications under load: threads that send records and, as OTLP exporters do, send each body
again until it is acknowledged. What was acknowledged is remembered, down to the cent."""

from __future__ import annotations

import http.client
import random
import threading
import time
from decimal import Decimal

from tests.ingest.bodies import record, traces

SPANS_PER_BODY = 40
PAUSE_S = 0.05


def price(number: int) -> Decimal:
    """What record `number` cost: its own amount, so that a sum shows which records are in it."""
    return Decimal(4500 + number % 9973) / 10**6


def body(first: int, service: str = "chaos") -> bytes:
    """One export request: SPANS_PER_BODY records from number `first` on, a second apart."""
    spans = [record(number) for number in range(first, first + SPANS_PER_BODY)]
    for number, span in enumerate(spans, first):
        span["gen_ai.usage.cost.amount"] = float(price(number))
    request = traces(*spans, first=first)
    [scope] = request.resource_spans[0].scope_spans
    request.resource_spans[0].resource.attributes[0].value.string_value = service
    for number, span in enumerate(scope.spans, first):
        span.start_time_unix_nano += number * 10**9 - first % 7 * 3600 * 10**9
        span.end_time_unix_nano = span.start_time_unix_nano + 900_000_000
    return request.SerializeToString()


class Load:
    """Senders to one OTLP/HTTP port until `finish`, which waits for the last acknowledgement."""

    def __init__(self, port: int, senders: int = 4, copies: int = 1) -> None:
        self._port = port
        self._copies = copies
        self._next = 0
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self.acknowledged: set[int] = set()
        """Numbers of the records somebody promised to keep."""
        self.attempts = 0
        self.failures: dict[str, int] = {}
        """What attempts that were not acknowledged met: an HTTP status, or an exception's name."""
        self._threads = [
            threading.Thread(target=self._send_all, daemon=True) for _ in range(senders)
        ]
        for thread in self._threads:
            thread.start()

    def finish(self, seconds: float = 120) -> None:
        """Begin no new body; return when every one begun is acknowledged. Raises TimeoutError."""
        self._stopping.set()
        deadline = time.monotonic() + seconds
        for thread in self._threads:
            thread.join(max(deadline - time.monotonic(), 0))
            if thread.is_alive():
                raise TimeoutError(f"a body was never acknowledged: {self.failures}")

    @property
    def usd(self) -> Decimal:
        """What the acknowledged records cost together."""
        return sum((price(number) for number in self.acknowledged), Decimal())

    def _send_all(self) -> None:
        while not self._stopping.is_set():
            with self._lock:
                first = self._next
                self._next += SPANS_PER_BODY
            data = body(first)
            for _ in range(self._copies):
                while not self._send(data):
                    time.sleep(random.uniform(0.05, 0.3))
            with self._lock:
                self.acknowledged |= set(range(first, first + SPANS_PER_BODY))
            time.sleep(PAUSE_S)

    def _send(self, data: bytes) -> bool:
        said = post(self._port, data)
        with self._lock:
            self.attempts += 1
            if said != "200":
                self.failures[said] = self.failures.get(said, 0) + 1
        return said == "200"


def post(port: int, data: bytes, encoding: str = "") -> str:
    """Send one body; the status, or the name of what went wrong."""
    link = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    headers = {"Content-Type": "application/x-protobuf"}
    if encoding:
        headers["Content-Encoding"] = encoding
    try:
        link.request("POST", "/v1/traces", data, headers)
        answer = link.getresponse()
        answer.read()
        return str(answer.status)
    except (OSError, http.client.HTTPException) as error:
        return type(error).__name__
    finally:
        link.close()
