# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""OTLP over HTTP, plus `/healthz` and `/metrics` of the daemon itself."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Literal, cast

from google.protobuf import json_format

# googleapis-common-protos has no type stubs.
from google.rpc import status_pb2  # pyright: ignore[reportMissingTypeStubs]
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from otel_llmcost.errors import StoreError
from otel_llmcost.ingest import Busy, Ingestor, MalformedBody, Signal
from otel_llmcost.serve.encodings import BadEncoding, TooLarge, unpack

MAX_BODY = 32 << 20
Encoding = Literal["protobuf", "json"]
_TYPES: Mapping[str, Encoding] = {"application/x-protobuf": "protobuf", "application/json": "json"}
_INVALID_ARGUMENT, _RESOURCE_EXHAUSTED, _UNAVAILABLE = 3, 8, 14


def create_app(ingestor: Ingestor, gauges: Callable[[], Mapping[str, float]]) -> Starlette:
    """The receiver as an ASGI app; `gauges` are further numbers for `/metrics`."""

    async def receive(request: Request) -> Response:
        signal = cast(Signal, request.path_params["signal"])
        if signal not in ("traces", "logs", "metrics"):
            return PlainTextResponse("no such signal\n", 404)
        media = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        encoding = _TYPES.get(media)
        if encoding is None:
            why = "use Content-Type application/x-protobuf or application/json"
            return _status("json", 415, _INVALID_ARGUMENT, why)
        return await _receive(ingestor, signal, encoding, request)

    async def metrics(_: Request) -> Response:
        lines = [
            f"llmcost_ingest_{name}_total {n}" for name, n in sorted(ingestor.counts().items())
        ]
        lines += [f"llmcost_{name} {value:g}" for name, value in sorted(gauges().items())]
        return PlainTextResponse("\n".join(lines) + "\n", media_type="text/plain; version=0.0.4")

    async def healthz(_: Request) -> Response:
        return PlainTextResponse("ok\n")

    return Starlette(
        routes=[
            Route("/v1/{signal}", receive, methods=["POST"]),
            Route("/healthz", healthz),
            Route("/metrics", metrics),
        ]
    )


async def _receive(
    ingestor: Ingestor, signal: Signal, encoding: Encoding, request: Request
) -> Response:
    try:
        packed = b""
        async for chunk in request.stream():
            packed += chunk
            if len(packed) > MAX_BODY:
                raise TooLarge(f"more than {MAX_BODY} bytes: send smaller batches")
        body = unpack(packed, request.headers.get("content-encoding", ""), MAX_BODY)
        # JSON is walked in Python, which would hold up every other request.
        submit = ingestor.submit
        if encoding == "json":
            done = await asyncio.to_thread(submit, signal, body, encoding)
        else:
            done = submit(signal, body, encoding)
        await asyncio.wrap_future(done)
    except TooLarge as error:
        return _status(encoding, 413, _INVALID_ARGUMENT, str(error))
    except (MalformedBody, BadEncoding) as error:
        return _status(encoding, 400, _INVALID_ARGUMENT, str(error))
    except Busy as error:
        answer = _status(encoding, 429, _RESOURCE_EXHAUSTED, str(error))
        answer.headers["Retry-After"] = str(error.retry_after_s)
        return answer
    except StoreError as error:
        answer = _status(encoding, 503, _UNAVAILABLE, str(error))
        answer.headers["Retry-After"] = "5"
        return answer
    # An empty message is a full success, in either encoding.
    return _respond(encoding, 200, b"" if encoding == "protobuf" else b"{}")


def _status(encoding: Encoding, http: int, code: int, message: str) -> Response:
    """OTLP's error body: a google.rpc.Status in the encoding of the request."""
    status = status_pb2.Status(code=code, message=message[:1000])
    if encoding == "protobuf":
        return _respond(encoding, http, status.SerializeToString())
    return _respond(encoding, http, json_format.MessageToJson(status).encode())


def _respond(encoding: Encoding, http: int, body: bytes) -> Response:
    media = "application/x-protobuf" if encoding == "protobuf" else "application/json"
    return Response(body, http, media_type=media)
