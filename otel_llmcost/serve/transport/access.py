# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Who sends a request: a web page elsewhere, the holder of the token, or a user of the SQL port."""

from __future__ import annotations

import base64
import hmac
from collections.abc import Mapping
from typing import TYPE_CHECKING, cast
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse

from otel_llmcost.serve.clickhouse_http.statements import User

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send


def is_token(authorization: str, token: str) -> bool:
    """Whether an Authorization header shows the token, as bearer or as anybody's password."""
    login = credentials(authorization)
    return login is not None and same(login[1], token)


def credentials(authorization: str) -> tuple[str, str] | None:
    """User and password of a Basic header, '' and the token of a bearer; None for any other."""
    kind, _, value = authorization.partition(" ")
    if kind.lower() == "bearer":
        return "", value.strip()
    if kind.lower() != "basic":
        return None
    try:
        user, colon, password = base64.b64decode(value, validate=True).decode().partition(":")
    except ValueError:  # no base64, no ASCII, no UTF-8
        return None
    return (user, password) if colon else None


def same(one: str, other: str) -> bool:
    """Equality in a time that reveals nothing."""
    return hmac.compare_digest(one.encode(), other.encode())


def user_of(
    headers: Mapping[str, str], query: Mapping[str, str], secrets: Mapping[str, str]
) -> User | None:
    """The user that a request to the ClickHouse dialect proves to be; None when it is wrong.

    `default` and no name at all mean `reader`.
    """
    authorization = headers.get("authorization", "")
    if authorization:
        login = credentials(authorization)
        if login is None:
            return None
        name, password = login
    elif "x-clickhouse-user" in headers or "x-clickhouse-key" in headers:
        name, password = headers.get("x-clickhouse-user", ""), headers.get("x-clickhouse-key", "")
    else:
        name, password = query.get("user", ""), query.get("password", "")
    name = "reader" if name in ("", "default") else name
    known = name in secrets and same(password, secrets[name])
    return cast(User, name) if known else None


def is_own_form(headers: Headers, page_url: str = "") -> bool:
    """Whether a browser says that a form stood on a page of this origin, or of `page_url`.

    What says nothing is refused: a change must not come from a link or from a page elsewhere.
    """
    origins = headers.getlist("origin")
    if origins:
        return all(origin.lower() in _own_origins(headers, page_url) for origin in origins)
    return headers.getlist("sec-fetch-site") == ["same-origin"]


def is_own_link(headers: Headers, page_url: str = "") -> bool:
    """Whether a browser says that a page was opened from this origin, or by typing its address.

    What says nothing is no such link; a browser that sends no `Sec-Fetch-Site` names the page.
    """
    sites = headers.getlist("sec-fetch-site")
    if sites:
        return all(site in ("same-origin", "none") for site in sites)
    named = urlsplit(headers.get("referer", ""))
    origin = f"{named.scheme}://{named.netloc}".lower()
    return bool(named.netloc) and origin in _own_origins(headers, page_url)


def _own_origins(headers: Headers, page_url: str) -> tuple[str, ...]:
    host, page = headers.get("host", "").lower(), urlsplit(page_url)
    named = f"{page.scheme}://{page.netloc}".lower()
    return f"http://{host}", f"https://{host}", named


class TokenRequired:
    """ASGI: lets only requests through that show the token."""

    def __init__(self, app: ASGIApp, token: str) -> None:
        self._app = app
        self._token = token

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer 401, or pass on."""
        if scope["type"] == "http":
            headers = {name.lower(): value for name, value in scope["headers"]}
            shown = headers.get(b"authorization", b"").decode("latin-1")
            if scope["path"] != "/healthz" and not is_token(shown, self._token):
                refusal = PlainTextResponse(
                    "a token is required\n", 401, {"WWW-Authenticate": 'Basic realm="otel-llmcost"'}
                )
                await refusal(scope, receive, send)
                return
        await self._app(scope, receive, send)


class SameOriginOnly:
    """ASGI: refuses what a browser sends on behalf of a web page of another origin.

    Another port of this host is another origin too. Programs send neither `Sec-Fetch-Site` nor
    `Origin` and are not concerned. With `links`, pages elsewhere may link to GET pages, which the
    browser then opens in a tab of their own. `page_url` is the address that people reach the page
    under, such as that of a proxy: it is no page elsewhere. Every answer says that other origins
    must not use it, for browsers that send no `Sec-Fetch-Site` to this address.
    """

    def __init__(self, app: ASGIApp, *, links: bool, page_url: str = "") -> None:
        self._app = app
        self._links = links
        self._page_url = page_url

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer 403, or pass on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers["X-Content-Type-Options"] = "nosniff"
                headers["Cross-Origin-Resource-Policy"] = "same-origin"
            await send(message)

        if self._is_foreign(Headers(scope=scope), scope["method"]):
            refusal = PlainTextResponse("refused: this comes from a web page elsewhere\n", 403)
            await refusal(scope, receive, send_with_headers)
        else:
            await self._app(scope, receive, send_with_headers)

    def _is_foreign(self, headers: Headers, method: str) -> bool:
        own = _own_origins(headers, self._page_url)
        if any(origin.lower() not in own for origin in headers.getlist("origin")):
            return True
        sites = headers.getlist("sec-fetch-site")
        if all(site in ("same-origin", "none") for site in sites):
            return False
        is_link = method in ("GET", "HEAD") and headers.get("sec-fetch-dest") == "document"
        return not (self._links and is_link)
