# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""The emulated providers behind real HTTP: `Emulator` runs both in a background thread."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from otel_llmcost.emulator import chat, embeddings, faults, messages, responses
from otel_llmcost.emulator.answer import JSON, Answer, RefusedError, World
from otel_llmcost.emulator.batches import Batches, Endpoint
from otel_llmcost.emulator.ledger import Entry, Ledger, Outcome
from otel_llmcost.emulator.prices import BilledUsage, charge
from otel_llmcost.emulator.text import dice

HOST = "127.0.0.1"
ENDINGS: dict[str | None, Outcome] = {
    None: "complete",
    "truncate": "truncated",
    "error": "error",
}


class Emulator:
    """Both providers on two free ports, with one ledger; a context manager.

    They answer on a port each because who bills is decided by host and port of a request. Any
    endpoint works on either port, so a test that needs one address may use one.
    `latency` is the time to the first token in seconds; the rest of a stream takes as long again.
    """

    def __init__(
        self,
        *,
        seed: int = 0,
        port: int = 0,
        openai_port: int = 0,
        salt: str | None = None,
        latency: float = 0.0,
    ) -> None:
        self.ledger = Ledger()
        self.world = World(seed, salt)
        self._latency = latency
        self._ports = (port, openai_port)
        self._sockets: list[socket.socket] = []
        self._server: uvicorn.Server | None = None
        self._thread: threading.Thread | None = None

    def start(self) -> Emulator:
        """Listen and return when requests are served. Raises OSError when a port is taken."""
        for port in self._ports:
            self._sockets.append(_listen(port))
        config = uvicorn.Config(
            self._app(), log_level="error", access_log=False, lifespan="off", ws="none"
        )
        self._server = uvicorn.Server(config)
        # The sockets accept connections already; early requests wait for the loop, none is lost.
        self._thread = threading.Thread(target=self._run, name="emulator", daemon=True)
        self._thread.start()
        return self

    def stop(self) -> None:
        """Stop serving; open streams are cut."""
        if self._server is not None and self._thread is not None:
            self._server.should_exit = True
            self._server.force_exit = True
            self._thread.join(timeout=10)
        for listener in self._sockets:
            listener.close()
        self._sockets.clear()

    def __enter__(self) -> Emulator:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def ports(self) -> tuple[int, int]:
        """Where Anthropic and OpenAI answer."""
        first, second = (int(s.getsockname()[1]) for s in self._sockets)
        return first, second

    @property
    def anthropic_url(self) -> str:
        """For `ANTHROPIC_BASE_URL`."""
        return f"http://{HOST}:{self.ports[0]}"

    @property
    def openai_url(self) -> str:
        """For `OPENAI_BASE_URL`."""
        return f"http://{HOST}:{self.ports[1]}/v1"

    @property
    def hosts(self) -> str:
        """For `LLMCOST_HOSTS`: who bills behind these two addresses."""
        return f"{HOST}:{self.ports[0]}=anthropic,{HOST}:{self.ports[1]}=openai"

    def environment(self) -> dict[str, str]:
        """Environment variables that point both SDKs, and the cost of their calls, here."""
        return {
            "ANTHROPIC_BASE_URL": self.anthropic_url,
            "ANTHROPIC_API_KEY": "emulator",
            "OPENAI_BASE_URL": self.openai_url,
            "OPENAI_API_KEY": "emulator",
            "LLMCOST_HOSTS": self.hosts,
        }

    def _run(self) -> None:
        if self._server is not None:
            self._server.run(sockets=self._sockets)

    def _app(self) -> Starlette:
        endpoints: dict[str, Endpoint] = {
            messages.ENDPOINT: messages.answer,
            chat.ENDPOINT: chat.answer,
            responses.ENDPOINT: responses.answer,
            embeddings.ENDPOINT: embeddings.answer,
        }
        routes = [
            Route(path, self._handler(endpoint), methods=["POST"])
            for path, endpoint in endpoints.items()
        ]
        routes += Batches(self.world, endpoints, self._book_complete).routes()
        routes.append(Route("/v1/messages/count_tokens", _count_tokens, methods=["POST"]))
        routes.append(Route("/ledger", self._show_ledger))
        return Starlette(routes=routes)

    async def _show_ledger(self, _: Request) -> Response:
        return JSONResponse(self.ledger.as_json())

    def _handler(self, endpoint: Endpoint) -> Callable[[Request], Any]:
        async def handle(request: Request) -> Response:
            anthropic = request.url.path.startswith("/v1/messages")
            request_id = self.world.new_id("req_")
            headers = _headers(request_id, anthropic=anthropic)
            fault = faults.requested_fault(request.headers)
            if fault.status is not None:
                self.ledger.refuse()
                headers |= _retry_headers(fault.status)
                kind, message = faults.describe(fault.status)
                return _error(fault.status, kind, message, headers, anthropic=anthropic)
            try:
                answer = endpoint(await request.json(), self.world)
            except RefusedError as error:
                kind = "not_found_error" if error.status == 404 else "invalid_request_error"
                return _error(error.status, kind, str(error), headers, anthropic=anthropic)
            wait = self._latency * dice(self.world.seed, str(answer.response_id)).uniform(0.7, 1.6)
            if not answer.frames:
                await asyncio.sleep(wait)
                self._book(answer, request_id, answer.billed, "complete")
                return JSONResponse(answer.body, headers=headers)
            pace = float(request.headers.get(faults.PACE_HEADER) or wait / len(answer.frames))
            body = self._stream(answer, request_id, fault, wait, pace)
            return StreamingResponse(body, media_type="text/event-stream", headers=headers)

        return handle

    async def _stream(
        self, answer: Answer, request_id: str, fault: faults.Fault, wait: float, pace: float
    ) -> AsyncIterator[bytes]:
        """Send the frames; whatever ends the stream, the ledger says how far it came."""
        frames = answer.frames
        last = len(frames) - 1 if fault.stream is None else len(frames) // 2
        outcome: Outcome = "abandoned"
        sent = 0
        await asyncio.sleep(wait)
        try:
            for frame in frames[:last]:
                yield frame
                sent += 1
                await asyncio.sleep(pace)
            # Booked before the last bytes leave: a client that has read them finds them billed.
            outcome = ENDINGS[fault.stream]
            sent = len(frames) if outcome == "complete" else sent
        finally:
            output = answer.billed.output * sent // len(frames)
            self._book(answer, request_id, replace(answer.billed, output=output), outcome)
        if fault.stream is None:
            yield frames[-1]
        elif fault.stream == "error":
            yield answer.error_frame

    def _book_complete(self, answer: Answer, request_id: str, billed: BilledUsage) -> None:
        self._book(answer, request_id, billed, "complete")

    def _book(self, answer: Answer, request_id: str, billed: BilledUsage, outcome: Outcome) -> None:
        tokens = {
            name: int(getattr(billed, name))
            for name in ("uncached", "read", "write", "write_long", "output", "searches")
        }
        self.ledger.add(
            Entry(
                provider=answer.provider,
                endpoint=answer.endpoint,
                model=billed.model,
                response_id=answer.response_id,
                request_id=request_id,
                usd=charge(billed),
                outcome=outcome,
                stream=bool(answer.frames),
                tokens=tokens,
            )
        )


async def _count_tokens(request: Request) -> Response:
    return JSONResponse(messages.count(await request.json()))


def _listen(port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((HOST, port))
        listener.listen(128)
    except OSError:
        listener.close()
        raise
    return listener


def _headers(request_id: str, *, anthropic: bool) -> dict[str, str]:
    if anthropic:
        return {
            "request-id": request_id,
            "anthropic-organization-id": "00000000-0000-4000-8000-000000000000",
            "anthropic-ratelimit-requests-remaining": "3999",
        }
    return {
        "x-request-id": request_id,
        "openai-organization": "emulated",
        "openai-processing-ms": "5",
        "openai-version": "2020-10-01",
    }


def _retry_headers(status: int) -> dict[str, str]:
    if status in (429, 503, 529):
        return {"retry-after": "1", "retry-after-ms": str(faults.RETRY_AFTER_MS)}
    return {}


def _error(
    status: int, kind: str, message: str, headers: dict[str, str], *, anthropic: bool
) -> Response:
    body: JSON
    if anthropic:
        error = {"type": kind, "message": message}
        body = {"type": "error", "error": error, "request_id": headers["request-id"]}
    else:
        body = {"error": {"message": message, "type": kind, "param": None, "code": None}}
    return JSONResponse(body, status_code=status, headers=headers)
