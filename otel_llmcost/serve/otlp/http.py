# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""OTLP over HTTP."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Literal, cast

from google.protobuf import json_format

# googleapis-common-protos has no type stubs.
from google.rpc import status_pb2  # pyright: ignore[reportMissingTypeStubs]
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from otel_llmcost.errors import StoreError
from otel_llmcost.ingest import Busy, MalformedBody, Signal
from otel_llmcost.serve.otlp.intake import MAX_BODY, Intake
from otel_llmcost.serve.otlp.responses import (
    RESOURCE_EXHAUSTED,
    STORE_RETRY_S,
    UNAVAILABLE,
    exported,
)
from otel_llmcost.serve.transport.bodies import Held, TooSlow
from otel_llmcost.serve.transport.encodings import BadEncoding, TooLarge

Encoding = Literal["protobuf", "json"]
_TYPES: Mapping[str, Encoding] = {"application/x-protobuf": "protobuf", "application/json": "json"}
_INVALID_ARGUMENT = 3


def create_app(intake: Intake) -> Starlette:
    """The receiver as an ASGI app."""

    async def receive(request: Request) -> Response:
        signal = cast(Signal, request.path_params["signal"])
        if signal not in ("traces", "logs", "metrics"):
            return PlainTextResponse("no such signal\n", 404)
        media = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        encoding = _TYPES.get(media)
        if encoding is None:
            why = "use Content-Type application/x-protobuf or application/json"
            return _status("json", 415, _INVALID_ARGUMENT, why)
        return await _receive(intake, signal, encoding, request)

    return Starlette(routes=[Route("/v1/{signal}", receive, methods=["POST"])])


async def _receive(
    intake: Intake, signal: Signal, encoding: Encoding, request: Request
) -> Response:
    try:
        with Held(intake.budget) as held:
            declared = request.headers.get("content-length", "")
            if declared.isdecimal():
                intake.check_queue(signal, int(declared))
            packed = await held.read(request, MAX_BODY)
            packing = request.headers.get("content-encoding", "")
            done = intake.submit(held, signal, packed, encoding, packing)
            kept = await asyncio.wrap_future(await asyncio.wrap_future(done))
    except TooLarge as error:
        return _status(encoding, 413, _INVALID_ARGUMENT, str(error))
    except TooSlow as error:
        return _status(encoding, 408, UNAVAILABLE, str(error))
    except ClientDisconnect:
        return _status(encoding, 400, _INVALID_ARGUMENT, "the client hung up")
    except (MalformedBody, BadEncoding) as error:
        return _status(encoding, 400, _INVALID_ARGUMENT, str(error))
    except Busy as error:
        answer = _status(encoding, 429, RESOURCE_EXHAUSTED, str(error))
        answer.headers["Retry-After"] = str(error.retry_after_s)
        return answer
    except StoreError as error:
        answer = _status(encoding, 503, UNAVAILABLE, str(error))
        answer.headers["Retry-After"] = str(STORE_RETRY_S)
        return answer
    # An empty message is a full success, in either encoding.
    answer = exported(signal, kept)
    if encoding == "protobuf":
        return _respond(encoding, 200, answer.SerializeToString())
    return _respond(encoding, 200, json_format.MessageToJson(answer, indent=None).encode())


def _status(encoding: Encoding, http: int, code: int, message: str) -> Response:
    """OTLP's error body: a google.rpc.Status in the encoding of the request."""
    status = status_pb2.Status(code=code, message=message[:1000])
    if encoding == "protobuf":
        return _respond(encoding, http, status.SerializeToString())
    return _respond(encoding, http, json_format.MessageToJson(status).encode())


def _respond(encoding: Encoding, http: int, body: bytes) -> Response:
    media = "application/x-protobuf" if encoding == "protobuf" else "application/json"
    return Response(body, http, media_type=media)
