# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""The local pages: what LLM calls cost, drawn from the store's views. They work offline.

One layout, one style sheet, small scripts of this package, and a part of Apache ECharts that comes
with it (see `tools/charts`). Without scripts every chart is the table of its figures. Everything
that came from telemetry is escaped by the template engine, and text for the scripts.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, tzinfo
from functools import cache
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape
from starlette.applications import Starlette
from starlette.datastructures import MutableHeaders
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from otel_llmcost import __version__
from otel_llmcost.errors import ConfigError, LLMCostError
from otel_llmcost.reports import Query, formatting
from otel_llmcost.reports.data import as_csv
from otel_llmcost.serve.clickhouse_http.readers import Readers
from otel_llmcost.serve.web import assets, console, login, writes
from otel_llmcost.serve.web.page import Page, behind, environments
from otel_llmcost.serve.web.page import Route as PageRoute
from otel_llmcost.serve.web.pages import ACTIONS, NAVIGATION, ROUTES
from otel_llmcost.serve.web.people import Doors, PeopleOnly, Person, person_of
from otel_llmcost.serve.web.span import COMPARED, RANGES, Span
from otel_llmcost.timezones import name_of

if TYPE_CHECKING:
    from jinja2 import Template
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

# A web page elsewhere could otherwise read this one by pointing its own name at 127.0.0.1.
LOCAL_HOSTS = ("127.0.0.1", "localhost", "[::1]", "::1")
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; script-src 'self'; "
    "connect-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",  # with none at all, browsers hide a form's own origin
}
_CSV = "csv"
"""Parameter with the number of a table that is wanted as CSV."""


def create_app(
    query: Query,
    *,
    allowed_hosts: Sequence[str] = LOCAL_HOSTS,
    otlp_endpoint: str = "http://127.0.0.1:4318",
    zone: tzinfo = UTC,
    doors: Doors | None = None,
    change: writes.Change | None = None,
    page_url: str = "",
    readers: Readers | None = None,
) -> Starlette:
    """The page as an ASGI app. `query` runs one SELECT; it is called in worker threads.

    `allowed_hosts` are the names the page may be requested by (`["*"]` for any). Days are those of
    `zone`. `doors` let people in: without, everybody who reaches the page. `change` runs what
    people change; without it the page can only read. `page_url` is the address that people reach it
    under, when that is another one. Without `readers` the page `/sql` runs nothing.
    """
    doors = doors or Doors()

    def show(request: Request, route: PageRoute | None = None) -> Response:
        route = route or ROUTES[request.url.path]
        given = request.query_params
        wanted = {
            name: ",".join(given.getlist(name)).strip()
            for name in route.parameters
            if name in given
        }
        try:
            known = (*route.parameters, _CSV)
            span = Span.of(given.multi_items(), datetime.now(zone), known)
            page = route.build(query, span, wanted)
            if _CSV in given:
                return _csv(page, given[_CSV])
            names = environments(query, span)
            late = behind(query, page) if route.is_rolled_up else ""
        except LLMCostError as error:
            is_bad_request = isinstance(error, ConfigError)
            return problem(request, str(error), 400 if is_bad_request else 503)
        person = person_of(request.scope)
        page = replace(
            page,
            tables=[one.in_zone(span.zone) for one in page.tables],
            environments=names,
            behind=late,
            bare=bool(page.empty) and not names,
        )
        own = {name: value for name, value in wanted.items() if value and name != "after"}
        html = _template(page.template).render(
            page=page,
            pages=NAVIGATION,
            ranges=RANGES,
            compared=COMPARED,
            own=own,
            zone=name_of(span.zone),
            zones=_zones(span, zone, lambda other: other.href(page.path, **own)),
            otlp_endpoint=otlp_endpoint,
            version=__version__,
            person=person,
            writer=writes.writer(doors, person, change),
            logout_token=_logout_token(doors, person),
            back=f"{request.url.path}?{request.url.query}".rstrip("?"),
        )
        return _page(html, page.status)

    def problem(_: Request, text: str, status: int) -> Response:
        html = _template("problem.html").render(pages=NAVIGATION, problem=text, status=status)
        return _page(html, status)

    def show_login(values: dict[str, Any], status: int) -> Response:
        return _page(_template("login.html").render(pages={}, **{"wrong": False, **values}), status)

    routes = [
        *login.routes(doors, page_url, show_login, problem),
        *writes.routes(ACTIONS, change, doors, page_url, problem),
        *([Route("/sql", console.handler(readers, show, page_url))] if readers else []),
        *(Route(path, show) for path in ROUTES),
        *assets.routes(),
    ]
    guard = Middleware(TrustedHostMiddleware, allowed_hosts=list(allowed_hosts), www_redirect=False)
    app = Starlette(routes=routes, middleware=[guard, Middleware(PeopleOnly, doors)])
    app.add_middleware(_SecurityHeaders)
    return app


class _SecurityHeaders:
    """Adds the same headers to every answer, also to refusals."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers[name] = value
            await send(message)

        await self.app(scope, receive, send_with_headers)


def _zones(span: Span, usual: tzinfo, href: Callable[[Span], str]) -> dict[str, str]:
    """The zones that a page offers, with its address in each: the usual one, UTC, the chosen one.

    `page.js` adds that of the browser.
    """
    names = {name_of(usual): "", "UTC": "UTC", name_of(span.zone): span.chosen_zone}
    names[name_of(usual)] = ""
    return {name: href(span.in_zone(chosen)) for name, chosen in names.items()}


def _logout_token(doors: Doors, person: Person | None) -> str:
    """Of the form that logs a person out; empty for people who did not log in here."""
    return doors.form_token(person) if person is not None and person.has_login else ""


def _csv(page: Page, number: str) -> Response:
    """One panel of a page, exact, with all its columns."""
    if number not in page.panels:
        raise ConfigError(f"csv={number!r} is the number of no table of this page")
    title, report = page.panels[number]
    name = re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-") or "table"
    headers = {"Content-Disposition": f'attachment; filename="{name}.csv"'}
    return Response(as_csv(report), media_type="text/csv; charset=utf-8", headers=headers)


def _page(html: str, status: int = 200) -> Response:
    return HTMLResponse(html, status_code=status, headers={"Cache-Control": "no-store"})


@cache
def _templates() -> Environment:
    environment = Environment(
        loader=PackageLoader("otel_llmcost.serve.web"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    filters = {"when": formatting.when, "asset": assets.address, "code": _with_code}
    environment.filters.update(filters)  # pyright: ignore[reportUnknownMemberType] - untyped
    return environment


def _with_code(text: str) -> Markup:
    """A sentence of ours with what stands between backticks as code."""
    return Markup(re.sub(r"`([^`]+)`", r"<code>\1</code>", str(escape(text))))


def _template(name: str) -> Template:
    return _templates().get_template(name)
