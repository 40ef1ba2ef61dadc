# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""The page of one incident, and the form on it that acknowledges it.

A link changes nothing, however often a chat or mail program fetches it. Only the form does, and
only when the browser says that it stands on a page of this origin.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlencode

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from otel_llmcost.detection.acks import STATES, State
from otel_llmcost.detection.messages import message
from otel_llmcost.errors import ConfigError, StoreError
from otel_llmcost.reports import Query
from otel_llmcost.reports.incidents import acknowledgements, incident
from otel_llmcost.serve.transport.access import credentials, is_own_form

if TYPE_CHECKING:
    from typing import Protocol

    class Acknowledge(Protocol):
        """Writes down who said what about which incident."""

        def __call__(  # noqa: D102 - the protocol's docstring says it
            self, incident_id: str, state: State, *, by: str, note: str
        ) -> None: ...


_LONGEST_FORM = 16_384
_LONGEST_NOTE = 2_000
_LONGEST_NAME = 100


def routes(
    query: Query,
    render: Callable[[dict[str, Any], int], Response],
    acknowledge: Acknowledge | None,
    page_url: str,
) -> list[Route]:
    """`/incident` and, where acknowledgements can be written, `/incident/ack`."""

    def show(request: Request) -> Response:
        name = request.query_params.get("id", "")
        try:
            row = incident(query, name)
            said = acknowledgements(query, name).records()
        except StoreError as error:
            return PlainTextResponse(f"the store did not answer: {error}\n", 503)
        if row is None:
            return render({"row": None, "name": name}, 404)
        return render(
            {
                "row": row,
                "name": name,
                "message": message(row, datetime.now(UTC)),
                "acks": said,
                "by": _user(request),
                "can_write": acknowledge is not None,
            },
            200,
        )

    async def ack(request: Request) -> Response:
        if acknowledge is None:
            return PlainTextResponse("this page can only read\n", 403)
        if not is_own_form(request.headers, page_url):
            return PlainTextResponse("refused: this comes from a web page elsewhere\n", 403)
        form = await _form(request)
        name, state = form.get("id", ""), form.get("state", "")
        if state not in STATES:
            return PlainTextResponse(f"state is one of {', '.join(STATES)}\n", 400)
        by = form.get("by", "").strip()[:_LONGEST_NAME] or _user(request) or "page"
        note = form.get("note", "").strip()[:_LONGEST_NOTE]
        try:
            await run_in_threadpool(acknowledge, name, state, by=by, note=note)
        except ConfigError as error:
            return PlainTextResponse(f"{error}\n", 404)
        except StoreError as error:
            return PlainTextResponse(f"the store did not answer: {error}\n", 503)
        return RedirectResponse(f"/incident?{urlencode({'id': name})}", 303)

    return [Route("/incident", show), Route("/incident/ack", ack, methods=["POST"])]


async def _form(request: Request) -> dict[str, str]:
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > _LONGEST_FORM:
            return {}
    try:
        fields = parse_qs(body.decode(errors="replace"), max_num_fields=10)
    except ValueError:  # more fields than the form has
        return {}
    return {name: values[0] for name, values in fields.items()}


def _user(request: Request) -> str:
    login = credentials(request.headers.get("authorization", ""))
    return login[0] if login else ""
