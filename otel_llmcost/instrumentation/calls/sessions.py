# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Agent sessions: what a session says it has used so far is the record of the session.

A session is read again and again, here and in other processes, and its counts only grow. Its record
has an id and a time made from the session, and the store keeps the latest reading.
"""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from hashlib import blake2b
from typing import Any, cast

from otel_llmcost import semconv
from otel_llmcost.guard import guard
from otel_llmcost.instrumentation.calls import request_facts
from otel_llmcost.instrumentation.calls.batches import nanoseconds
from otel_llmcost.instrumentation.calls.call import Call, Reply
from otel_llmcost.instrumentation.records.ids import RecordId
from otel_llmcost.instrumentation.records.recorder import Recorder

_PATH = re.compile(r"(?:/v1)?(?:/agents)?/sessions(?:/[^/]+(?:/archive)?)?/?")
_MAX_REMEMBERED = 10_000

SESSIONS = "/v1/sessions/{id}"
"""Endpoint name of everything about sessions."""


class Sessions:
    """Follows the agent sessions of one SDK."""

    def __init__(self, recorder: Recorder) -> None:
        self._recorder = recorder
        self._allocations: dict[str, Mapping[str, str]] = {}
        self._usages: dict[str, object] = {}

    def concerns(self, options: Any) -> bool:
        """Whether the reply to a request holds sessions."""
        path = request_facts.path_of(options).partition("?")[0]
        return options.method.upper() in ("GET", "POST") and bool(_PATH.fullmatch(path))

    @guard("sessions.reply")
    def reply(self, call: Call, body: Mapping[str, Any]) -> None:
        """Take a session, or a page of them."""
        listed = body.get("data")
        for session in cast("list[Any]", listed) if isinstance(listed, list) else [body]:
            if isinstance(session, dict):
                self._follow(call, cast("dict[str, Any]", session))

    def _follow(self, call: Call, session: dict[str, Any]) -> None:
        session_id, usage = session.get("id"), session.get("usage")
        if not isinstance(session_id, str) or "agent" not in session:
            return
        # A session belongs to the feature that created it, not to the one that reads it.
        allocation = self._allocations.setdefault(session_id, call.allocation)
        _forget_oldest(self._allocations)
        if not isinstance(usage, dict) or not any(cast("dict[str, Any]", usage).values()):
            return
        if self._usages.get(session_id) == usage:
            return
        self._usages[session_id] = cast("dict[str, Any]", usage)
        _forget_oldest(self._usages)
        self._record(call, session_id, session, allocation)

    def _record(
        self, call: Call, session_id: str, session: dict[str, Any], allocation: Mapping[str, str]
    ) -> None:
        created = nanoseconds(session.get("created_at")) or call.started
        client = {
            "base_url": call.base_url,
            "billed_by": call.provider if call.known_host else None,
        }
        agent = cast("dict[str, Any]", session.get("agent") or {})
        call.attributes = {k: v for k, v in call.attributes.items() if k not in call.allocation}
        digest = blake2b(session_id.encode(), digest_size=16).hexdigest()
        reply = Reply(
            call=call,
            request={"client": client},
            started=created,
            ids=call.context,
            summary=True,
            adds_cost=False,  # a counter cannot take back what it counted at the last reading
            record=RecordId(f"session-{digest}", 0),
            extra={
                semconv.RECORD_REVISION: time.time_ns() // 1_000_000_000,
                semconv.CONVERSATION_ID: session_id,
                **(
                    {semconv.AGENT_NAME: name} if isinstance(name := agent.get("name"), str) else {}
                ),
                **allocation,
            },
        )
        reply.cost = self._recorder.price(reply, session)
        self._recorder.finish(reply)


def _forget_oldest(known: dict[str, Any]) -> None:
    if len(known) > _MAX_REMEMBERED:
        del known[next(iter(known))]
