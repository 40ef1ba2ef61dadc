# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""The local page: what LLM calls cost, drawn from the store's views. Works offline.

One HTML page, one stylesheet, one small script, all from this package; the page works without the
script. Everything that came from telemetry is escaped by the template engine.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.applications import Starlette
from starlette.datastructures import MutableHeaders
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from otel_llmcost import __version__
from otel_llmcost.analysis import Query, figures
from otel_llmcost.errors import LLMCostError
from otel_llmcost.serve.web.page import build

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
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}
_STATIC = {
    "page.css": "text/css",
    "page.js": "text/javascript",
    "icon.svg": "image/svg+xml",
}


def create_app(
    query: Query,
    *,
    allowed_hosts: Sequence[str] = LOCAL_HOSTS,
    otlp_endpoint: str = "http://127.0.0.1:4318",
) -> Starlette:
    """The page as an ASGI app. `query` runs one SELECT; it is called in worker threads.

    `allowed_hosts` are the names the page may be asked for by (`["*"]` for any).
    """

    def show(request: Request) -> Response:
        wanted = request.query_params
        try:
            page = build(
                query,
                range_name=wanted.get("range", "24h"),
                environment=wanted.get("environment", ""),
            )
        except LLMCostError as error:
            html = _template("problem.html").render(problem=str(error), version=__version__)
            return HTMLResponse(html, status_code=503)
        html = _template("page.html").render(
            page=page, otlp_endpoint=otlp_endpoint, version=__version__
        )
        return HTMLResponse(html)

    routes = [
        Route("/", show),
        *(Route(f"/static/{name}", _static(name, media)) for name, media in _STATIC.items()),
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
def _templates() -> Environment:
    environment = Environment(
        loader=PackageLoader("otel_llmcost.serve.web"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        usd=figures.usd,
        count=figures.count,
        short=figures.short,
        share=figures.share,
        duration=figures.duration,
        when=figures.when,
    )
    return environment


def _template(name: str) -> Template:
    return _templates().get_template(name)


def _static(name: str, media: str) -> Callable[[Request], Awaitable[Response]]:
    body = files("otel_llmcost.serve.web").joinpath("static", name).read_bytes()

    async def serve(_: Request) -> Response:
        return Response(body, media_type=media)

    return serve
