# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Both providers' batches, and the files that OpenAI's are made of.

A batch is worked off when it is created, at half the price. It reports itself as running in the
answer that creates it, and as ended whenever it is read.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from email.parser import BytesParser
from typing import Any, cast

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from otel_llmcost.emulator.answer import JSON, Answer, RefusedError, World, now
from otel_llmcost.emulator.prices import BilledUsage

Endpoint = Callable[[JSON, World], Answer]
Book = Callable[[Answer, str, BilledUsage], None]
_TIER = "batch"
_LATER = 24 * 3600


@dataclass(frozen=True, slots=True)
class _Result:
    """What became of one request of a batch."""

    custom_id: str
    request_id: str
    answer: Answer | None
    refused: RefusedError | None = None

    @property
    def body(self) -> JSON:
        """The reply as the batch's result carries it."""
        body = self.answer.body if self.answer else {}
        usage = cast(JSON, body.get("usage") or {})
        if "service_tier" in usage:  # Anthropic's; OpenAI's replies say it of the request
            body = {**body, "usage": {**usage, "service_tier": _TIER}}
        return body


class Batches:
    """Batches and files since the emulator started. `book` enters a reply into the ledger."""

    def __init__(self, world: World, endpoints: Mapping[str, Endpoint], book: Book) -> None:
        self._world = world
        self._endpoints = endpoints
        self._book = book
        self._message_batches: dict[str, list[_Result]] = {}
        self._batches: dict[str, JSON] = {}
        self._files: dict[str, tuple[JSON, bytes]] = {}

    def routes(self) -> list[Route]:
        """What the emulator serves."""
        messages, batches, stored = "/v1/messages/batches", "/v1/batches", "/v1/files"
        return [
            Route(messages, self._create_messages, methods=["POST"]),
            Route(f"{messages}/{{name}}", self._message_batch),
            Route(f"{messages}/{{name}}/results", self._message_results),
            Route(stored, self._upload, methods=["POST"]),
            Route(f"{stored}/{{name}}", self._file),
            Route(f"{stored}/{{name}}/content", self._content),
            Route(batches, self._create, methods=["POST"]),
            Route(f"{batches}/{{name}}", self._batch),
        ]

    async def _create_messages(self, request: Request) -> Response:
        given = cast(JSON, await request.json())
        name = self._world.new_id("msgbatch_01")
        self._message_batches[name] = [
            self._done(str(one["custom_id"]), "/v1/messages", one["params"])
            for one in given["requests"]
        ]
        return JSONResponse(self._as_message_batch(request, name, ended=False))

    async def _message_batch(self, request: Request) -> Response:
        name = request.path_params["name"]
        if name not in self._message_batches:
            return _missing(name)
        return JSONResponse(self._as_message_batch(request, name, ended=True))

    async def _message_results(self, request: Request) -> Response:
        name = request.path_params["name"]
        if name not in self._message_batches:
            return _missing(name)
        lines = [
            {"custom_id": one.custom_id, "result": {"type": "succeeded", "message": one.body}}
            if one.refused is None
            else {"custom_id": one.custom_id, "result": {"type": "errored", "error": _why(one)}}
            for one in self._message_batches[name]
        ]
        return Response(_lines(lines), media_type="application/x-jsonl")

    def _as_message_batch(self, request: Request, name: str, *, ended: bool) -> JSON:
        results = self._message_batches[name]
        errored = sum(one.refused is not None for one in results)
        counts = dict.fromkeys(("processing", "succeeded", "errored", "canceled", "expired"), 0)
        if ended:
            counts |= {"succeeded": len(results) - errored, "errored": errored}
        else:
            counts["processing"] = len(results)
        moment = "2026-01-01T00:00:00Z"
        return {
            "id": name,
            "type": "message_batch",
            "processing_status": "ended" if ended else "in_progress",
            "request_counts": counts,
            "created_at": moment,
            "expires_at": moment,
            "ended_at": moment if ended else None,
            "archived_at": None,
            "cancel_initiated_at": None,
            "results_url": f"{request.base_url}v1/messages/batches/{name}/results"
            if ended
            else None,
        }

    async def _upload(self, request: Request) -> Response:
        name, content = _first_file(request.headers["content-type"], await request.body())
        return JSONResponse(self._keep(name, content, "batch"))

    async def _file(self, request: Request) -> Response:
        found = self._files.get(request.path_params["name"])
        return JSONResponse(found[0]) if found else _missing(request.path_params["name"])

    async def _content(self, request: Request) -> Response:
        found = self._files.get(request.path_params["name"])
        return Response(found[1]) if found else _missing(request.path_params["name"])

    async def _create(self, request: Request) -> Response:
        given = cast(JSON, await request.json())
        held = self._files.get(str(given.get("input_file_id")))
        if held is None:
            return _missing(str(given.get("input_file_id")))
        given_lines = [
            cast(JSON, json.loads(line)) for line in held[1].splitlines() if line.strip()
        ]
        results = [
            self._done(str(one["custom_id"]), one["url"], one["body"]) for one in given_lines
        ]
        lines = [
            {
                "id": self._world.new_id("batch_req_"),
                "custom_id": one.custom_id,
                "response": {
                    "status_code": one.refused.status if one.refused else 200,
                    "request_id": one.request_id,
                    "body": {"error": _why(one)["error"]} if one.refused else one.body,
                },
                "error": None,
            }
            for one in results
        ]
        failed = sum(one.refused is not None for one in results)
        output = self._keep("output.jsonl", _lines(lines), "batch_output")
        name, moment = self._world.new_id("batch_"), now()
        ended: JSON = {
            "id": name,
            "object": "batch",
            "endpoint": given["endpoint"],
            "input_file_id": given["input_file_id"],
            "completion_window": "24h",
            "status": "completed",
            "output_file_id": output["id"],
            "error_file_id": None,
            "created_at": moment,
            "expires_at": moment + _LATER,
            "completed_at": moment,
            "request_counts": {
                "total": len(results),
                "completed": len(results) - failed,
                "failed": failed,
            },
            "metadata": given.get("metadata"),
        }
        self._batches[name] = ended
        running = {"status": "validating", "output_file_id": None, "completed_at": None}
        return JSONResponse(ended | running)

    async def _batch(self, request: Request) -> Response:
        found = self._batches.get(request.path_params["name"])
        return JSONResponse(found) if found else _missing(request.path_params["name"])

    def _of_line(self, line: JSON) -> _Result:
        return self._done(str(line["custom_id"]), str(line["url"]), cast(JSON, line["body"]))

    def _done(self, custom_id: str, url: str, body: JSON) -> _Result:
        request_id = self._world.new_id("req_")
        endpoint = self._endpoints.get(url)
        try:
            if endpoint is None:
                raise RefusedError(404, f"no batch for {url}")
            answer = endpoint({**body, "stream": False}, self._world)
        except RefusedError as error:
            return _Result(custom_id, request_id, None, error)
        self._book(answer, request_id, replace(answer.billed, tier=_TIER))
        return _Result(custom_id, request_id, answer)

    def _keep(self, name: str, content: bytes, purpose: str) -> JSON:
        stored: JSON = {
            "id": self._world.new_id("file-"),
            "object": "file",
            "bytes": len(content),
            "created_at": now(),
            "filename": name,
            "purpose": purpose,
            "status": "processed",
        }
        self._files[stored["id"]] = (stored, content)
        return stored


def _why(one: _Result) -> JSON:
    return {
        "type": "error",
        "error": {"type": "invalid_request_error", "message": str(one.refused)},
    }


def _lines(records: list[Any]) -> bytes:
    return "".join(json.dumps(one) + "\n" for one in records).encode()


def _missing(name: str) -> Response:
    error = {"type": "not_found_error", "message": f"there is no {name}"}
    return JSONResponse({"type": "error", "error": error}, 404)


def _first_file(content_type: str, body: bytes) -> tuple[str, bytes]:
    """Name and content of the first file of a form."""
    form = BytesParser().parsebytes(f"Content-Type: {content_type}\r\n\r\n".encode() + body)
    for part in form.walk():
        if name := part.get_filename():
            return name, cast(bytes, part.get_payload(decode=True))
    raise RefusedError(400, "the form has no file")
