# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Replies that come over openai's WebSockets: Responses, Realtime and Live.

Every way to read a connection goes through `recv_bytes` of its class, once per message. A message
is decoded only if it can matter: one with usage, or one that says which model answers.
"""

from __future__ import annotations

import functools
import sys
import time
import weakref
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any, cast
from urllib.parse import parse_qs, urlsplit

import wrapt
from opentelemetry import context as otel_context
from opentelemetry.context import Context
from opentelemetry.trace import get_current_span

from otel_llmcost import allocation
from otel_llmcost.guard import guard
from otel_llmcost.instrumentation.bodies.readers import parse_object
from otel_llmcost.instrumentation.calls import costing, coverage
from otel_llmcost.instrumentation.calls.call import Call, Reply
from otel_llmcost.instrumentation.calls.call_site import call_site
from otel_llmcost.instrumentation.calls.hosts import Hosts
from otel_llmcost.instrumentation.calls.opening import open_call
from otel_llmcost.instrumentation.records.recorder import Recorder

_TRANSCRIPTIONS = "/v1/audio/transcriptions"
_LIVE = "/v1/live"
_MAX_REMEMBERED = 1000
_CONNECTIONS = {
    "openai.resources.responses.responses": ("ResponsesConnection", "/v1/responses"),
    "openai.resources.beta.responses.responses": ("ResponsesConnection", "/v1/responses"),
    "openai.resources.realtime.realtime": ("RealtimeConnection", "/v1/realtime"),
    "openai.resources.beta.realtime.realtime": ("RealtimeConnection", "/v1/realtime"),
    "openai.resources.live.live": ("LiveConnection", _LIVE),
    "openai.resources.live.sideband": ("SidebandConnection", _LIVE),
    "openai.resources.live.forks": ("ForksConnection", _LIVE),
}
"""Module: its connection class, which has an `Async` twin, and the endpoint."""

_SESSION_EVENTS = frozenset({"session.created", "session.started", "session.updated"})
_RELEVANT = (b'"usage"', b'"response.created"', *(f'"{name}"'.encode() for name in _SESSION_EVENTS))
_ENDS = frozenset({"response.completed", "response.incomplete", "response.failed", "response.done"})
_TRANSCRIBED = "conversation.item.input_audio_transcription.completed"


@dataclass(slots=True)
class _Connection:
    """One open connection: who opened it, and what its session has said so far."""

    endpoint: str
    base_url: str
    context: Context
    allocation: Mapping[str, str]
    site: Mapping[str, str | int]
    opened: int
    model: str | None = None
    transcriber: str | None = None
    session: str | None = None
    """Id of the Live session."""
    usage: Mapping[str, Any] | None = None
    """What the Live session used so far, until its record is sent."""
    started: dict[str, int] = field(default_factory=dict[str, int])
    """When the responses under way began, ns since the epoch, by id."""


class WebSocketPatch:
    """Reads along on every WebSocket connection of the openai SDK."""

    def __init__(self, sdk: str, hosts: Hosts, recorder: Recorder) -> None:
        self._sdk = sdk
        self._hosts = hosts
        self._recorder = recorder
        self._open: weakref.WeakKeyDictionary[Any, _Connection] = weakref.WeakKeyDictionary()
        self._sessions: dict[str, None] = {}
        self._patches: list[tuple[type, str, Any, Any]] = []
        self._removed = False

    def install(self) -> None:
        """Patch the connection classes, each when its module is imported; older SDKs have fewer."""
        for name in _CONNECTIONS:
            if name in sys.modules:
                self._patch(sys.modules[name])
            else:
                wrapt.register_post_import_hook(self._patch, name)

    def remove(self) -> None:
        """Restore the classes."""
        self._removed = True
        for owner, name, original, replacement in self._patches:
            if owner.__dict__.get(name) is replacement:
                setattr(owner, name, original)
        self._patches.clear()

    @guard("websocket.patch")
    def _patch(self, module: ModuleType) -> None:
        if self._removed:  # import hooks cannot be taken back
            return
        name, endpoint = _CONNECTIONS[module.__name__]
        for owner, wrap in (
            (getattr(module, name, None), self._recv),
            (getattr(module, f"Async{name}", None), self._async_recv),
        ):
            if owner is None or "recv_bytes" not in owner.__dict__:
                continue
            self._replace(owner, "__init__", self._init(owner.__init__, endpoint))
            self._replace(owner, "recv_bytes", wrap(owner.recv_bytes, endpoint))

    def _replace(self, owner: type, name: str, replacement: Any) -> None:
        self._patches.append((owner, name, owner.__dict__[name], replacement))
        setattr(owner, name, replacement)

    def _init(self, original: Callable[..., Any], endpoint: str) -> Callable[..., Any]:
        @functools.wraps(original)
        def init(connection: Any, *args: Any, **kwargs: Any) -> None:
            original(connection, *args, **kwargs)
            if not self._removed:
                self._opened(connection, endpoint)

        return init

    def _recv(self, original: Callable[..., Any], endpoint: str) -> Callable[..., Any]:
        @functools.wraps(original)
        def recv_bytes(connection: Any, *args: Any, **kwargs: Any) -> Any:
            message = original(connection, *args, **kwargs)
            if not self._removed:
                self._received(connection, endpoint, message)
            return message

        return recv_bytes

    def _async_recv(self, original: Callable[..., Any], endpoint: str) -> Callable[..., Any]:
        @functools.wraps(original)
        async def recv_bytes(connection: Any, *args: Any, **kwargs: Any) -> Any:
            message = await original(connection, *args, **kwargs)
            if not self._removed:
                self._received(connection, endpoint, message)
            return message

        return recv_bytes

    @guard("websocket.opened")
    def _opened(self, connection: Any, endpoint: str) -> _Connection:
        base_url, model = _address(connection)
        opened = self._open[connection] = _Connection(
            endpoint=endpoint,
            base_url=base_url,
            context=otel_context.get_current(),
            allocation=allocation.current_attributes(),
            site=call_site(),
            opened=time.time_ns(),
            model=model,
        )
        if endpoint == _LIVE:
            weakref.finalize(connection, self._lost, opened)
        return opened

    @guard("websocket.received")
    def _received(self, connection: Any, endpoint: str, message: bytes | str) -> None:
        data = message.encode() if isinstance(message, str) else message
        if not any(word in data for word in _RELEVANT):
            return
        state = self._open.get(connection) or self._opened(connection, endpoint)
        event = parse_object(data)
        if state is not None and event:
            self._follow(state, event)

    def _follow(self, state: _Connection, event: dict[str, Any]) -> None:
        kind = event.get("type")
        if kind == "response.event":  # Live hands on the events of the model it delegates to
            event = _object(event, "event")
            kind = event.get("type")
        response = _object(event, "response")
        if kind in _ENDS:
            endpoint = state.endpoint if state.endpoint != _LIVE else "/v1/responses"
            started = state.started.pop(str(response.get("id")), None)
            self._record(state, endpoint, response, state.model, started)
        elif kind == "response.created":
            state.started[str(response.get("id"))] = time.time_ns()
        elif kind == _TRANSCRIBED:
            self._record(state, _TRANSCRIPTIONS, event, state.transcriber, None)
        elif kind == "session.usage.updated":  # cumulative: the last one counts
            state.usage = _object(event, "usage")
        elif kind == "session.closed":
            self._session(state, _object(event, "session"))
            state.usage = _object(event, "usage")
            self._close(state)
        elif kind in _SESSION_EVENTS:
            session = _object(event, "session")
            self._session(state, session)
            transcription = _object(_object(session, "audio"), "input", "transcription")
            transcription = transcription or _object(session, "input_audio_transcription")
            state.transcriber = _text(transcription, "model") or state.transcriber

    def _session(self, state: _Connection, session: Mapping[str, Any]) -> None:
        state.model = _text(session, "model") or state.model
        state.session = _text(session, "id") or state.session

    @guard("websocket.lost")
    def _lost(self, state: _Connection) -> None:
        """A Live connection is gone. What its session had used by then is a lower bound."""
        if state.usage is not None and not self._removed:
            self._close(state, "truncated")

    def _close(self, state: _Connection, outcome: str | None = None) -> None:
        """Record a Live session, once: other connections may have followed it too."""
        usage, state.usage = state.usage, None
        if state.session is not None:
            if state.session in self._sessions:
                return
            self._sessions[state.session] = None
            if len(self._sessions) > _MAX_REMEMBERED:
                del self._sessions[next(iter(self._sessions))]
        response = {"id": state.session, "usage": usage}
        self._record(state, state.endpoint, response, state.model, state.opened, outcome)

    def _record(
        self,
        state: _Connection,
        endpoint: str,
        response: dict[str, Any],
        model: str | None,
        started: int | None,
        outcome: str | None = None,
    ) -> None:
        call = self._call(state, endpoint, _text(response, "model") or model, started)
        request = {**call.body, "client": _client(call)}
        reply = Reply(call=call, request=request, started=call.started, ids=call.context)
        if (status := response.get("status")) in ("failed", "cancelled"):
            reason = _object(response, "error") or _object(response, "status_details", "error")
            reply.error_type = _text(reason, "type") or _text(reason, "code") or str(status)
        reply.cost = self._recorder.price(reply, response)
        if outcome is not None and reply.cost is not None:
            reply.cost = costing.as_partial(reply.cost, outcome)
        if call.emitter is None:
            reply.span = self._recorder.start_span(call, call.started)
        self._recorder.finish(reply)

    def _call(
        self, state: _Connection, endpoint: str, model: str | None, started: int | None
    ) -> Call:
        # Reading may happen in a thread of the SDK's, without the application's context.
        around = otel_context.get_current()
        tags = allocation.current_attributes()
        now = get_current_span()
        return open_call(
            self._hosts,
            sdk=self._sdk,
            endpoint=endpoint,
            base_url=state.base_url,
            body={"model": model} if model else {},
            stream=True,
            started=started or time.time_ns(),
            allocation=tags or state.allocation,
            site=state.site,
            context=around if tags or now.get_span_context().is_valid else state.context,
            emitter="span" if coverage.covers_a_call(now) else None,
        )


def _client(call: Call) -> dict[str, Any]:
    return {
        "base_url": call.base_url,
        "endpoint": call.endpoint,
        "billed_by": call.provider if call.known_host else None,
    }


def _address(connection: Any) -> tuple[str, str | None]:
    """Base URL, as an HTTP one, and model of the request that opened the socket."""
    upgrade = getattr(getattr(connection, "_connection", None), "request", None)
    if upgrade is None:
        return "", None
    query = parse_qs(urlsplit(str(upgrade.path)).query)
    model = query.get("model") or query.get("deployment")
    return f"https://{upgrade.headers['Host']}/", model[0] if model else None


def _object(value: Mapping[str, Any], *path: str) -> dict[str, Any]:
    found: Any = value
    for name in path:
        found = cast("dict[str, Any]", found).get(name) if isinstance(found, dict) else None
    return cast("dict[str, Any]", found) if isinstance(found, dict) else {}


def _text(value: Mapping[str, Any], name: str) -> str | None:
    found = value.get(name)
    return found if isinstance(found, str) and found else None
