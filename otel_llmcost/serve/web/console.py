# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Runs the statement of `/sql`, as the reader of the SQL port: same rights, limits and turns.

A statement in a link from elsewhere is shown, and not run: it could keep the store busy.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import partial

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from otel_llmcost.errors import StoreError
from otel_llmcost.serve.clickhouse_http.readers import Readers
from otel_llmcost.serve.clickhouse_http.statements import Statement
from otel_llmcost.serve.transport.access import is_own_link
from otel_llmcost.serve.web.answers import Answer, problem
from otel_llmcost.serve.web.page import Route
from otel_llmcost.serve.web.pages.sql import MOST_CSV_ROWS, MOST_ROWS, MOST_TEXT, Ran, sql

_LIMITS = {"max_result_bytes": str(32 << 20)}
"""An answer is read as a table here, which takes more memory than its bytes."""
_NOT_RUN = "This statement came with a link from elsewhere: read it, then run it."
_TOO_LONG = f"A statement on this page has at most {MOST_TEXT:,} characters: use the SQL port."


def handler(
    readers: Readers, show: Callable[[Request, Route], Response], page_url: str = ""
) -> Callable[[Request], Awaitable[Response]]:
    """The page `/sql` of a daemon; `show` draws a page of a route."""

    async def answer(request: Request) -> Response:
        text = request.query_params.get("q", "").strip()
        most = MOST_CSV_ROWS if "csv" in request.query_params else MOST_ROWS
        ran, note = None, ""
        if len(text) > MOST_TEXT:
            note = _TOO_LONG
        elif text and not is_own_link(request.headers, page_url):
            note = _NOT_RUN
        elif text:
            ran = await _run(readers, request, text, most)
        route = Route(partial(sql, ran=ran, note=note, most=most), ("q",), label="SQL")
        return await run_in_threadpool(show, request, route)

    return answer


async def _run(readers: Readers, request: Request, text: str, most: int) -> Ran:
    statement = Statement(
        user="reader",
        sql=text.rstrip(";").encode(),
        default_format="JSONCompact",
        settings={
            "limit": str(most + 1),
            "output_format_json_quote_64bit_integers": "0",
            "output_format_json_quote_decimals": "0",
            "output_format_json_quote_denormals": "1",
        },
        limits=_LIMITS,
    )
    try:
        outcome = await readers.run(request, statement)
    except StoreError as error:
        return Ran(problem=problem(text, str(error)))
    found = Answer.of(outcome.body)
    if found is None:
        return Ran(text=outcome.body[:MOST_TEXT].decode("utf-8", "replace"))
    return Ran(answer=replace(found, rows=found.rows[: most + 1]))
