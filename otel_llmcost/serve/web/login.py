# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Logging in with the token, and out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from otel_llmcost.errors import ConfigError
from otel_llmcost.serve.transport.access import is_own_form
from otel_llmcost.serve.web.people import Doors, cleaned, local_address
from otel_llmcost.serve.web.writes import Problem, Refused, checked, fields

Render = Callable[[dict[str, Any], int], Response]


def routes(doors: Doors, page_url: str, render: Render, problem: Problem) -> list[Route]:
    """`/login`, where there is a token to log in with, and `/logout`."""

    async def login(request: Request) -> Response:
        if request.method != "POST":
            return render({"next": local_address(request.query_params.get("next", ""))}, 200)
        if not is_own_form(request.headers, page_url):
            return problem(request, "This comes from a web page elsewhere.", 403)
        try:
            form = await fields(request)
        except ConfigError as error:
            return problem(request, str(error), 400)
        after = local_address(form.get("next", ""))
        role = doors.role_of(form.get("secret", ""))
        if role is None:
            return render({"next": after, "wrong": True}, 401)
        reply = RedirectResponse(after, 303)
        name = cleaned(form.get("by", "")) or role
        reply.headers.append("Set-Cookie", doors.session_cookie(name, role))
        return reply

    async def logout(request: Request) -> Response:
        try:
            await checked(request, doors, page_url)
        except (Refused, ConfigError) as error:
            return problem(request, str(error), 403)
        reply = RedirectResponse("/login", 303)
        reply.headers.append("Set-Cookie", doors.no_cookie())
        return reply

    if not doors.token:
        return []
    return [
        Route("/login", login, methods=["GET", "POST"]),
        Route("/logout", logout, methods=["POST"]),
    ]
