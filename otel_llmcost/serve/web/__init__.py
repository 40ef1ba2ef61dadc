# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""The local pages: what LLM calls cost, drawn from the store's views. They work offline.

One template, one stylesheet, one small script of this package, and Plotly's own file out of its
wheel for the charts. Without scripts every chart is the table of its figures. Everything that came
from telemetry is escaped by the template engine.
"""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, tzinfo
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.applications import Starlette
from starlette.datastructures import MutableHeaders
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, Response
from starlette.routing import Route

from otel_llmcost import __version__
from otel_llmcost.errors import ConfigError, LLMCostError
from otel_llmcost.reports import Query, formatting
from otel_llmcost.reports.data import as_csv
from otel_llmcost.serve.web import incident
from otel_llmcost.serve.web.page import Page, environments
from otel_llmcost.serve.web.pages import NAVIGATION, ROUTES
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
_STATIC = {
    "page.js": "text/javascript",
    "plotly.css": "text/css",
    "icon.svg": "image/svg+xml",
}


def create_app(
    query: Query,
    *,
    allowed_hosts: Sequence[str] = LOCAL_HOSTS,
    otlp_endpoint: str = "http://127.0.0.1:4318",
    zone: tzinfo = UTC,
    acknowledge: incident.Acknowledge | None = None,
    page_url: str = "",
) -> Starlette:
    """The page as an ASGI app. `query` runs one SELECT; it is called in worker threads.

    `allowed_hosts` are the names the page may be requested by (`["*"]` for any). Days are those of
    `zone`. Without `acknowledge` the page can only read. `page_url` is the address that people
    reach it under, when that is another one.
    """

    def show(request: Request) -> Response:
        route = ROUTES[request.url.path]
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
        except LLMCostError as error:
            is_bad_request = isinstance(error, ConfigError)
            html = _template("problem.html").render(
                pages=NAVIGATION, problem=str(error), is_bad_request=is_bad_request
            )
            return _page(html, 400 if is_bad_request else 503)
        page = replace(page, environments=names, bare=bool(page.empty) and not names)
        html = _template(page.template).render(
            page=page,
            pages=NAVIGATION,
            ranges=RANGES,
            compared=COMPARED,
            own={name: value for name, value in wanted.items() if value and name != "after"},
            zone=name_of(zone),
            otlp_endpoint=otlp_endpoint,
            charts_drawn=chart_library() is not None,
            chart_sheets=_sheets() if page.charts else [],
            version=__version__,
        )
        return _page(html)

    def show_incident(values: dict[str, Any], status: int) -> Response:
        return _page(_template("incident.html").render(pages=NAVIGATION, **values), status)

    routes = [
        *incident.routes(query, show_incident, acknowledge, page_url),
        *(Route(path, show) for path in ROUTES),
        *(Route(f"/static/{name}", _static(name, media)) for name, media in _STATIC.items()),
        Route("/static/page.css", _sheet()),
        Route("/static/plotly.js", _plotly),
    ]
    guard = Middleware(TrustedHostMiddleware, allowed_hosts=list(allowed_hosts), www_redirect=False)
    app = Starlette(routes=routes, middleware=[guard])
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


@cache
def chart_library() -> Path | None:
    """Plotly's script as its wheel ships it; None when the package is not installed."""
    found = importlib.util.find_spec("plotly")
    folders = (found.submodule_search_locations if found else None) or []
    files_ = (Path(folder, "package_data", "plotly.min.js") for folder in folders)
    return next((file for file in files_ if file.is_file()), None)


@cache
def _sheets() -> list[str]:
    """Ids of the style sheets Plotly looks for before it makes its own, which the policy refuses.

    One takes the rules of its charts; the other is that of its maps, named by a hash.
    """
    library = chart_library()
    if library is None:
        return []
    text = library.read_text(encoding="utf-8", errors="replace")
    maps = re.findall(r'getElementById\("([0-9a-f]{64})"\)', text)
    return ["plotly.js-style-global", *dict.fromkeys(maps)]


async def _plotly(_: Request) -> Response:
    library = chart_library()
    if library is None:
        return Response(status_code=404)
    # It changes only with the package; without this every page would read five megabytes again.
    keep = {"Cache-Control": "private, max-age=86400"}
    return FileResponse(library, media_type="text/javascript", headers=keep)


def _csv(page: Page, number: str) -> Response:
    """One table of a page, exact, with all its columns."""
    if not (number.isascii() and number.isdigit() and int(number) < len(page.tables)):
        raise ConfigError(f"csv={number!r} is the number of no table of this page")
    shown = page.tables[int(number)]
    name = re.sub(r"[^a-z0-9]+", "-", shown.title.lower()).strip("-") or "table"
    headers = {"Content-Disposition": f'attachment; filename="{name}.csv"'}
    return Response(as_csv(shown.report), media_type="text/csv; charset=utf-8", headers=headers)


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
    environment.filters.update(when=formatting.when)
    return environment


def _template(name: str) -> Template:
    return _templates().get_template(name)


def _static(name: str, media: str) -> Callable[[Request], Awaitable[Response]]:
    return _always(files("otel_llmcost.serve.web").joinpath("static", name).read_bytes(), media)


def _sheet() -> Callable[[Request], Awaitable[Response]]:
    """The style sheets of this package as one: that of every page, then those of single pages."""
    folder = files("otel_llmcost.serve.web").joinpath("static", "css")
    sheets = sorted(folder.iterdir(), key=lambda sheet: (sheet.name != "page.css", sheet.name))
    return _always(b"\n".join(sheet.read_bytes() for sheet in sheets), "text/css")


def _always(body: bytes, media: str) -> Callable[[Request], Awaitable[Response]]:
    async def serve(_: Request) -> Response:
        return Response(body, media_type=media, headers={"Cache-Control": "no-cache"})

    return serve
