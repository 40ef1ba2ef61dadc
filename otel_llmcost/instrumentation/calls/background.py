# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Background responses: requested now, billed once, recorded when the finished one is first read.

That may be another process, a worker or a webhook, or several: the record has an id and a time made
from the response, so the store keeps one, and a finished one rather than one that was given up.
"""

from __future__ import annotations

import atexit
import re
import time
from collections.abc import Callable, Mapping
from hashlib import blake2b
from typing import Any

from otel_llmcost import semconv
from otel_llmcost.instrumentation.calls import request_facts
from otel_llmcost.instrumentation.calls.call import Reply
from otel_llmcost.instrumentation.records.ids import RecordId
from otel_llmcost.usage import Cost

_PATH = re.compile(r"(?:/v1)?/responses/([^/]+)(?:/cancel)?/?")
_PENDING = ("queued", "in_progress")
_MAX_PENDING = 10_000
_KEPT = 31 * 86_400  # seconds; OpenAI keeps responses for 30 days

Finish = Callable[[Reply], None]


class Background:
    """Replies to `background=True` requests that wait for their usage, by response id."""

    def __init__(self, give_up: Finish) -> None:
        self._waiting: dict[str, Reply] = {}
        self._finished: dict[str, None] = {}
        self._give_up = give_up
        atexit.register(self.close)

    def defers(self, reply: Reply, response: Mapping[str, Any]) -> bool:
        """Whether `reply` has to wait; if so, it is kept until the response is read."""
        response_id = response.get("id")
        if reply.request.get("background") is not True or not isinstance(response_id, str):
            return False
        _identify(reply, response_id, response)
        if response.get("status") not in _PENDING:
            self._note(response_id)
            return False
        while len(self._waiting) >= _MAX_PENDING:
            self._give_up_on(next(iter(self._waiting)))
        self._waiting[response_id] = reply
        return True

    def concerns(self, options: Any) -> bool:
        """Whether a request reads or cancels a response."""
        return _PATH.fullmatch(request_facts.path_of(options).partition("?")[0]) is not None

    def finished(
        self, response: Mapping[str, Any], requested_elsewhere: Callable[[], Reply]
    ) -> Reply | None:
        """The reply whose usage `response` holds; None when it is not done yet or was recorded.

        `requested_elsewhere` makes one for a response that no call of this process began.
        """
        response_id = response.get("id")
        if response.get("status") in (None, *_PENDING) or not isinstance(response_id, str):
            return None
        reply = self._waiting.pop(response_id, None)
        if reply is None:
            if response.get("background") is not True or response_id in self._finished:
                return None
            reply = requested_elsewhere()
            _identify(reply, response_id, response)
        self._note(response_id)
        # The store prefers a record that says so to one that was given up.
        reply.extra[semconv.REPLIES] = 1
        return reply

    def _note(self, response_id: str) -> None:
        if len(self._finished) >= _MAX_PENDING:
            self._finished.clear()
        self._finished[response_id] = None

    def close(self) -> None:
        """No one in this process will read them any more: record them as unknown."""
        for response_id in list(self._waiting):
            self._give_up_on(response_id)
        atexit.unregister(self.close)

    def _give_up_on(self, response_id: str) -> None:
        reply = self._waiting.pop(response_id, None)
        if reply is not None:
            usage = reply.cost.usage if reply.cost else None
            reply.cost = Cost(
                total=None, status="unpriced", reason="background_pending", usage=usage
            )
            self._give_up(reply)


def _identify(reply: Reply, response_id: str, response: Mapping[str, Any]) -> None:
    """Give `reply` the identity and time that any process would give it."""
    digest = blake2b(response_id.encode(), digest_size=16).hexdigest()
    reply.record = RecordId(f"background-{digest}", 0)
    created = response.get("created_at")
    if isinstance(created, int | float) and 0 <= time.time() - created < _KEPT:
        reply.started = int(created * 1_000_000_000)
