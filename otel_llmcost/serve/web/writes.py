# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Changes that people make on the page.

A change is a POST of a form that stood on the page: the browser says so (`Origin` or
`Sec-Fetch-Site`), the form carries the token of the person's session, and the person is an editor.
A link or any other GET changes nothing, however often a chat or mail program fetches it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from otel_llmcost.actions.audit import Author, Store
from otel_llmcost.errors import ConfigError, StoreError
from otel_llmcost.serve.transport.access import is_own_form, same
from otel_llmcost.serve.web.people import Doors, Person, cleaned, local_address, person_of

Form = Mapping[str, str]
Change = Callable[[Callable[[Store], None]], None]
"""Runs a change against a store that may write. Raises StoreError, ConfigError."""
Problem = Callable[[Request, str, int], Response]
"""The page that says what is wrong."""

_LONGEST_FORM = 16_384
_FIELDS = 20
LONGEST_NOTE = 2_000


@dataclass(frozen=True, slots=True)
class Action:
    """One change: its address, and what it does with the fields of a form."""

    path: str
    run: Callable[[Store, Author, Form], None]
    """Raises ConfigError for fields that make no sense."""
    then: str
    """The page to show, unless the form names the one it stood on (`back`)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Writer:
    """What the forms of a page need."""

    token: str
    name: str
    gives_name: bool
    """Whether forms have a field for it."""


def writer(doors: Doors, person: Person | None, change: Change | None) -> Writer | None:
    """None for people who may only look."""
    if change is None or person is None or person.role != "editor":
        return None
    return Writer(token=doors.form_token(person), name=person.name, gives_name=not person.is_known)


def routes(
    actions: Iterable[Action], change: Change | None, doors: Doors, page_url: str, problem: Problem
) -> list[Route]:
    """Where forms are sent to."""

    def route(action: Action) -> Route:
        async def handle(request: Request) -> Response:
            if change is None:
                return problem(request, "This page can only read.", 403)
            try:
                person, form = await checked(request, doors, page_url)
                if person.role != "editor":
                    raise Refused("You may look at everything here, and change nothing.")
                name = person.name if person.is_known else cleaned(form.get("by", ""))
                author = Author(name or "page", "page")
                await run_in_threadpool(change, lambda store: action.run(store, author, form))
            except Refused as error:
                return problem(request, str(error), 403)
            except ConfigError as error:
                return problem(request, str(error), 400)
            except StoreError as error:
                return problem(request, str(error), 503)
            reply = RedirectResponse(local_address(form.get("back", ""), action.then), 303)
            if not person.is_known and name != person.name:  # for the next form
                cookie = doors.session_cookie(name, person.role, person.session)
                reply.headers.append("Set-Cookie", cookie)
            return reply

        return Route(action.path, handle, methods=["POST"])

    return [route(action) for action in actions]


class Refused(Exception):
    """A form that is not taken, and why."""


async def checked(request: Request, doors: Doors, page_url: str) -> tuple[Person, Form]:
    """Who sent a form of ours, and its fields. Raises Refused, ConfigError for an oversized one."""
    if not is_own_form(request.headers, page_url):
        raise Refused("This comes from a web page elsewhere.")
    person, form = person_of(request.scope), await fields(request)
    if person is None or not same(form.get("token", ""), doors.form_token(person)):
        raise Refused("This form is out of date: load its page again, and send it from there.")
    return person, form


async def fields(request: Request) -> dict[str, str]:
    """The fields of a form; of a name that is there twice, the first."""
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > _LONGEST_FORM:
            raise ConfigError(f"the form is too long: at most {_LONGEST_FORM:,} bytes")
    try:
        found = parse_qs(body.decode(errors="replace"), max_num_fields=_FIELDS)
    except ValueError:
        raise ConfigError("this form has more fields than ours") from None
    return {name: values[0].strip() for name, values in found.items()}


def note(form: Form) -> str:
    """What somebody wrote beside a change."""
    return form.get("note", "")[:LONGEST_NOTE]


def choice(form: Form, name: str, choices: Iterable[Any]) -> str:
    """One of some values. Raises ConfigError for any other."""
    value, known = form.get(name, ""), [str(one) for one in choices]
    if value not in known:
        raise ConfigError(f"{name} is one of {', '.join(known)}")
    return value
