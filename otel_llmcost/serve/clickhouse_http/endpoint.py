# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""ClickHouse's HTTP interface over the embedded engine.

Enough of it for curl, clickhouse-connect, clickhouse-go (Grafana's data source) and the Collector's
exporter with `compress: gzip`. Users: `reader` (no password on loopback), `writer`, `admin`.
Not spoken: ClickHouse's own compressed frames (`compress=1`, `decompress=1`), external tables,
sessions with state (a `session_id` is accepted and ignored), progress headers.
"""

from __future__ import annotations

import asyncio
import gzip
import json
import logging
import re
import uuid
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from otel_llmcost.errors import StoreError
from otel_llmcost.ingest import Busy
from otel_llmcost.serve.clickhouse_http import native_handshake
from otel_llmcost.serve.clickhouse_http.readers import Readers, hung_up
from otel_llmcost.serve.clickhouse_http.statements import Outcome, Statement, User
from otel_llmcost.serve.transport.access import user_of
from otel_llmcost.serve.transport.bodies import Budget, Held, TooSlow
from otel_llmcost.serve.transport.encodings import BadEncoding, TooLarge, unpack

_log = logging.getLogger(__name__)
MAX_BODY = 256 << 20
MAX_STATEMENT = 1 << 20
"""Bytes of a reader's statement, in the URL or the body."""
# Names in a URL that speak about the request and are no settings.
_ABOUT_THE_REQUEST = """
    query database default_format user password quota_key role session_id session_timeout
    session_check query_id client_protocol_version enable_http_compression compress decompress
    buffer_size wait_end_of_query send_progress_in_http_headers http_headers_progress_interval_ms
    stacktrace readonly log_comment
"""
_NOT_SETTINGS = frozenset(_ABOUT_THE_REQUEST.split())
# What the engine says about a statement is about the statement, but for these.
_STATUS = {
    **dict.fromkeys((60, 81, 218), 404),
    **dict.fromkeys((164, 192, 193, 194, 497, 516), 403),
    **dict.fromkeys((159, 160), 408),
    **dict.fromkeys((394, 735), 499),
    307: 413,
    48: 501,
    **dict.fromkeys((202, 243, 252), 503),
    **dict.fromkeys((40, 49, 74, 75, 76, 107, 173, 209, 210, 225, 228, 236, 241, 246), 500),
    **dict.fromkeys((1000, 1001, 1002), 500),
}


def create_app(
    readers: Readers,
    secrets: Mapping[str, str],
    version: str,
    budget: Budget,
    console: Callable[[Request], str],
) -> Starlette:
    """The dialect as an ASGI app; `secrets` are the users' passwords, `version` the engine's.

    `console` says where a browser finds the page that runs SQL.
    """
    handlers = _Handlers(readers, secrets, version, budget)

    async def play(request: Request) -> Response:
        return RedirectResponse(console(request), 302)

    return Starlette(
        routes=[
            Route("/ping", _ok, methods=["GET", "HEAD"]),
            Route("/replicas_status", _ok, methods=["GET", "HEAD"]),
            Route("/play", play, methods=["GET", "HEAD"]),
            Route("/{path:path}", handlers.answer, methods=["GET", "HEAD", "POST"]),
        ]
    )


async def _ok(_: Request) -> Response:
    return PlainTextResponse("Ok.\n")


class _Handlers:
    def __init__(
        self,
        readers: Readers,
        secrets: Mapping[str, str],
        version: str,
        budget: Budget,
    ) -> None:
        self._readers = readers
        self._budget = budget
        self._secrets = secrets
        self._version = version
        # Of the users with a password; what they insert is not begun twice.
        self._threads = ThreadPoolExecutor(4, "llmcost-sql-write")

    async def answer(self, request: Request) -> Response:
        """Answer one statement."""
        query = request.query_params
        headers = _headers(query.get("query_id") or uuid.uuid4().hex)
        try:
            with Held(self._budget) as held:
                statement = await self._statement(request, held)
                if statement is None:
                    return PlainTextResponse("Ok.\n")
                if native_handshake.is_handshake(statement.sql):
                    outcome = Outcome(native_handshake.answer(self._version), "Native", 0, 0)
                else:
                    outcome = await self._execute(request, statement)
        except StoreError as error:
            return self._failure(error, headers)
        except asyncio.CancelledError:
            # Only when the daemon stops, after it has waited for what is under way.
            return self._failure(_error(236, "the daemon was stopped", "ABORTED"), headers)
        except Exception as error:  # noqa: BLE001 - an answer that clients can read
            _log.exception("a statement failed for a reason that is not the engine's")
            why = f"{type(error).__name__}: {error}"
            return self._failure(_error(1002, why, "UNKNOWN_EXCEPTION"), headers)
        body = outcome.body
        if query.get("enable_http_compression") == "1" and "gzip" in request.headers.get(
            "accept-encoding", ""
        ):
            body = await asyncio.to_thread(gzip.compress, body, 1)
            headers["Content-Encoding"] = "gzip"
        headers["X-ClickHouse-Summary"] = _summary(outcome)
        # A statement that names its format leaves what the client calls the default unread.
        if re.fullmatch(r"\w+", outcome.format, re.ASCII):
            headers["X-ClickHouse-Format"] = outcome.format
        return Response(body, headers=headers, media_type=_media_type(outcome.format))

    async def _statement(self, request: Request, held: Held) -> Statement | None:
        query = request.query_params
        user = user_of(request.headers, query, self._secrets)
        if user is None:
            raise _error(516, "wrong user name or password", "AUTHENTICATION_FAILED")
        if query.get("readonly") in ("1", "2"):
            user = "reader"
        if "1" in (query.get("decompress"), query.get("compress")):
            raise _error(48, "compressed frames are not spoken: use gzip", "NOT_IMPLEMENTED")
        if request.headers.get("content-type", "").startswith("multipart/"):
            raise _error(48, "multipart bodies are not spoken", "NOT_IMPLEMENTED")
        body = await self._body(request, held, user)
        in_url = query.get("query", "").encode()
        if not in_url and not body:
            return None
        headers = request.headers
        return Statement(
            user=user,
            sql=in_url or body,
            data=body if in_url else b"",
            database=query.get("database") or headers.get("x-clickhouse-database") or "llmcost",
            default_format=(
                query.get("default_format") or headers.get("x-clickhouse-format") or "TabSeparated"
            ),
            settings={
                name: value
                for name, value in query.items()
                if name not in _NOT_SETTINGS and not name.startswith("param_")
            },
            parameters={
                name[len("param_") :]: value
                for name, value in query.items()
                if name.startswith("param_")
            },
        )

    async def _body(self, request: Request, held: Held, user: User) -> bytes:
        limit = MAX_STATEMENT if user == "reader" else MAX_BODY
        try:
            packed = await held.read(request, limit)
            packing = request.headers.get("content-encoding", "")
            return await asyncio.to_thread(unpack, packed, packing, limit, held.take)
        except TooLarge as error:
            raise _error(307, str(error), "TOO_MANY_BYTES") from error
        except BadEncoding as error:
            raise _error(27, str(error), "CANNOT_PARSE_INPUT") from error
        except TooSlow as error:
            raise _error(159, str(error), "TIMEOUT_EXCEEDED") from error
        except Busy as error:
            raise _error(202, str(error), "TOO_MANY_SIMULTANEOUS_QUERIES") from error
        except ClientDisconnect as error:
            raise hung_up() from error

    async def _execute(self, request: Request, statement: Statement) -> Outcome:
        if statement.data and not re.match(rb"\s*INSERT\b", statement.sql, re.I):
            # Over HTTP a query may be cut in two between URL and body.
            statement = replace(statement, sql=statement.sql + b"\n" + statement.data, data=b"")

        if statement.user == "reader":
            return await self._readers.run(request, statement)
        return await self._readers.run_in(self._threads, request, statement)

    def _failure(self, error: StoreError, headers: dict[str, str]) -> Response:
        code = error.code or 1002
        text = " ".join(str(error).split("\n"))
        if not text.startswith("Code:"):
            text = f"Code: {code}. DB::Exception: {text}"
        headers["X-ClickHouse-Exception-Code"] = str(code)
        return PlainTextResponse(
            f"{text} (version {self._version})\n", _STATUS.get(code, 400), headers
        )


def _error(code: int, message: str, name: str) -> StoreError:
    return StoreError(f"Code: {code}. DB::Exception: {message}. ({name})", code=code)


def _headers(query_id: str) -> dict[str, str]:
    safe = re.sub(r"[^\w.-]", "", query_id, flags=re.ASCII)[:64]
    return {
        "X-ClickHouse-Query-Id": safe,
        "X-ClickHouse-Timezone": "UTC",
        "X-ClickHouse-Server-Display-Name": "otel-llmcost",
    }


def _summary(outcome: Outcome) -> str:
    return json.dumps(
        {
            "read_rows": str(outcome.read_rows),
            "read_bytes": str(outcome.read_bytes),
            "written_rows": "0",
            "written_bytes": "0",
            "total_rows_to_read": "0",
            "result_rows": "0",
            "result_bytes": str(len(outcome.body)),
            "elapsed_ns": "0",
        }
    )


def _media_type(name: str) -> str:
    if name.startswith("JSON"):
        return "application/json; charset=UTF-8"
    if name.startswith(("TabSeparated", "TSV")):
        return "text/tab-separated-values; charset=UTF-8"
    return "application/octet-stream" if name else "text/plain; charset=UTF-8"
