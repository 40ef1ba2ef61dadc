# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Background responses: asked for now, billed once, when somebody first reads the finished one."""

from __future__ import annotations

import atexit
import re
from collections.abc import Callable, Mapping
from typing import Any

from otel_llmcost.instrumentation import _request
from otel_llmcost.instrumentation._call import Reply
from otel_llmcost.usage import Cost

_PATH = re.compile(r"(?:/v1)?/responses/([^/]+)(?:/cancel)?/?")
_PENDING = ("queued", "in_progress")
_MAX_PENDING = 10_000

Finish = Callable[[Reply], None]


class Background:
    """Replies to `background=True` requests that wait for their usage, by response id."""

    def __init__(self, give_up: Finish) -> None:
        self._waiting: dict[str, Reply] = {}
        self._give_up = give_up
        atexit.register(self.close)

    def defers(self, reply: Reply, response: Mapping[str, Any]) -> bool:
        """Whether `reply` has to wait; if so, it is kept until the response is read."""
        response_id = response.get("id")
        if response.get("status") not in _PENDING or not isinstance(response_id, str):
            return False
        if reply.request.get("background") is not True:
            return False
        while len(self._waiting) >= _MAX_PENDING:
            self._give_up_on(next(iter(self._waiting)))
        self._waiting[response_id] = reply
        return True

    def concerns(self, options: Any) -> bool:
        """Whether a request reads or cancels a response that waits."""
        match = _PATH.fullmatch(_request.path_of(options).partition("?")[0])
        return match is not None and match[1] in self._waiting

    def finished(self, response: Mapping[str, Any]) -> Reply | None:
        """The reply that `response` brings the usage of; None when it is not done yet."""
        if response.get("status") in (None, *_PENDING):
            return None
        return self._waiting.pop(str(response.get("id")), None)

    def close(self) -> None:
        """Nobody in this process will read them any more: record them as unknown."""
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
