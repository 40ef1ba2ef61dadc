# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Who uses the page: what lets a person in, what they may do, and the token of their forms.

A person is let in by, in this order: the header of a trusted proxy, an Authorization header, the
cookie of a login, or, where neither token nor proxy is configured, by being on this machine.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import ipaddress
import json
import secrets
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from http.cookies import CookieError, SimpleCookie
from typing import TYPE_CHECKING, Any, Literal, cast
from urllib.parse import urlencode

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response

from otel_llmcost.serve.transport.access import credentials, same

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

Role = Literal["viewer", "editor"]
PERSON = "otel_llmcost.person"
"""Key of the person in the scope of a request."""
LOGIN_DAYS = 7
LONGEST_NAME = 100
LOOPBACK = ("127.0.0.0/8", "::1/128")
_OPEN = ("/login", "/healthz")
"""Paths that need no person."""
_AGAIN = """<!doctype html><html lang="en"><meta charset="utf-8"><title>LLM cost</title>
<meta http-equiv="refresh" content="0"><p><a href="">Go on</a></p></html>
"""
"""After a link from elsewhere browsers keep back a strict cookie; this page's own reload has it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Who sent a request."""

    name: str
    """Empty for somebody on this machine who gave none."""
    role: Role
    session: str
    """What the token of their forms is bound to."""
    is_known: bool = True
    """Whether the name comes from a login or a proxy; others may give theirs with a form."""
    has_login: bool = False
    """Whether they can log out here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Doors:
    """What lets people in."""

    token: str | None = None
    """Lets editors in; without it, and without a proxy, everybody who reaches the port is one."""
    viewer_token: str | None = None
    """Lets people in who may only look."""
    identity_header: str = ""
    """Header in which a proxy names the person it has let in."""
    trusted_proxies: Sequence[str] = LOOPBACK
    """Networks whose requests may carry that header."""
    editors: frozenset[str] = frozenset()
    """Names of that header who may change something; `*` is all of them."""
    is_https: bool = False
    """Whether people reach the page by https only."""
    key: bytes = field(default=b"", repr=False)
    """Signs cookies and forms: made of the token, so that a restart ends no session."""

    def __post_init__(self) -> None:
        made = hashlib.sha256(f"page {self.token}".encode()).digest() if self.token else b""
        object.__setattr__(self, "key", self.key or made or secrets.token_bytes(32))

    @property
    def is_open(self) -> bool:
        """Whether reaching the port is enough."""
        return not (self.token or self.identity_header)

    @property
    def cookie(self) -> str:
        """Name of the session's cookie: daemons on other ports of a host have others."""
        return f"llmcost_{self._signed('cookie')[:8]}"

    def person(self, headers: Headers, client: str) -> Person | None:
        """Who sent a request with these headers from this address; None = has to log in."""
        name = self._named_by_proxy(headers, client)
        if name:
            role: Role = "editor" if {"*", name} & self.editors else "viewer"
            return Person(name=name, role=role, session=f"proxy {name}")
        login = credentials(headers.get("authorization", ""))
        if login is not None and self.token:
            role_ = self.role_of(login[1])
            name = cleaned(login[0]) or (role_ or "")
            return role_ and Person(name=name, role=role_, session=f"header {name}")
        return self._of_cookie(headers)

    def role_of(self, token: str) -> Role | None:
        """What a token lets people do; None for a wrong one."""
        is_editor = bool(self.token) and same(token, self.token or "")
        is_viewer = bool(self.viewer_token) and same(token, self.viewer_token or "")
        return "editor" if is_editor else "viewer" if is_viewer else None

    def session_cookie(self, name: str, role: Role, session: str = "") -> str:
        """A Set-Cookie header that begins or goes on with a session."""
        ends = int(time.time()) + LOGIN_DAYS * 86_400
        facts = [name, role, ends, session or secrets.token_hex(16)]
        packed = base64.urlsafe_b64encode(json.dumps(facts).encode()).decode()
        value = f"{packed}.{self._signed(packed)}"
        return self._cookie(value, LOGIN_DAYS * 86_400)

    def no_cookie(self) -> str:
        """A Set-Cookie header that ends a session."""
        return self._cookie("", 0)

    def form_token(self, person: Person) -> str:
        """What each of a person's forms carries: pages elsewhere can neither read nor make it."""
        return self._signed(f"form {person.session}")

    def _cookie(self, value: str, seconds: int) -> str:
        secure = "; Secure" if self.is_https else ""
        return (
            f"{self.cookie}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Strict{secure}"
        )

    def _named_by_proxy(self, headers: Headers, client: str) -> str:
        """The name in the proxy's header; empty without one, or when it is none of the proxy's."""
        if not self.identity_header or not _is_in(client, self.trusted_proxies):
            return ""
        values = headers.getlist(self.identity_header)
        return cleaned(values[0]) if len(values) == 1 else ""

    def _of_cookie(self, headers: Headers) -> Person | None:
        value = _cookies(headers).get(self.cookie, "")
        packed, _, signature = value.partition(".")
        if not packed or not same(self._signed(packed), signature):
            return None
        try:
            facts = cast("list[Any]", json.loads(base64.urlsafe_b64decode(packed)))
        except (ValueError, binascii.Error):
            return None
        name, role, ends, session = facts
        if ends < time.time():
            return None
        return Person(
            name=name,
            role=role,
            session=session,
            is_known=not self.is_open,
            has_login=not self.is_open,
        )

    def _signed(self, text: str) -> str:
        return hmac.new(self.key, text.encode(), hashlib.sha256).hexdigest()


class PeopleOnly:
    """ASGI: lets only people in, and says in the scope who it is. Files of the page are open."""

    def __init__(self, app: ASGIApp, doors: Doors) -> None:
        self._app = app
        self._doors = doors

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer with the login, or pass on."""
        if scope["type"] != "http" or PERSON in scope or scope["path"].startswith("/static/"):
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        person = self._doors.person(headers, (scope.get("client") or ("", 0))[0])
        if person is None and self._doors.is_open:
            person, send = self._somebody_here(send)
        if person is not None:
            scope[PERSON] = person
        elif scope["path"] not in _OPEN or (scope["path"] == "/login" and not self._doors.token):
            await self._refusal(scope, headers)(scope, receive, send)
            return
        await self._app(scope, receive, send)

    def _somebody_here(self, send: Send) -> tuple[Person, Send]:
        """A new session of somebody on this machine, and a `send` that sets its cookie."""
        session = secrets.token_hex(16)
        cookie = self._doors.session_cookie("", "editor", session)

        async def send_with_cookie(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).append("Set-Cookie", cookie)
            await send(message)

        return Person(name="", role="editor", session=session, is_known=False), send_with_cookie

    def _refusal(self, scope: Scope, headers: Headers) -> Response:
        reads = scope["method"] == "GET" and "text/html" in headers.get("accept", "")
        if not self._doors.token:
            return PlainTextResponse("come through the proxy that logs people in\n", 401)
        if not reads:
            realm = {"WWW-Authenticate": 'Basic realm="otel-llmcost"'}
            return PlainTextResponse("a token is required\n", 401, realm)
        keep = {"Cache-Control": "no-store"}
        if headers.get("sec-fetch-site") == "cross-site":
            return HTMLResponse(_AGAIN, headers=keep)
        wanted = scope["path"]
        if query := scope.get("query_string", b"").decode("latin-1"):
            wanted += f"?{query}"
        return RedirectResponse(f"/login?{urlencode({'next': wanted})}", 303, headers=keep)


def person_of(scope: Mapping[str, Any]) -> Person | None:
    """Who sent the request of this scope."""
    return cast("Person | None", scope.get(PERSON))


def cleaned(name: str) -> str:
    """A name on one line, not too long."""
    plain = "".join(c if c.isprintable() else " " for c in name)
    return " ".join(plain.split())[:LONGEST_NAME]


def local_address(text: str, default: str = "/") -> str:
    """An address of this page, as a form or link gave it; any other is the default."""
    is_local = text.startswith("/") and not text.startswith("//") and "\\" not in text
    return text if is_local and text.isprintable() else default


def _is_in(client: str, networks: Sequence[str]) -> bool:
    try:
        address = ipaddress.ip_address(client)
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    return any((mapped or address) in ipaddress.ip_network(n, strict=False) for n in networks)


def _cookies(headers: Headers) -> dict[str, str]:
    found: dict[str, str] = {}
    for line in headers.getlist("cookie"):
        try:
            found |= {name: morsel.value for name, morsel in SimpleCookie(line).items()}
        except CookieError:
            continue
    return found
