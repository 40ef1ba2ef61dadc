# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Listeners of a tee: who reads the body, and what follows its end."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from otel_llmcost import semconv
from otel_llmcost.instrumentation.bodies.readers import Body
from otel_llmcost.instrumentation.bodies.tee import Outcome
from otel_llmcost.instrumentation.calls.call import Reply

OnEnd = Callable[[Reply, Body, Outcome, BaseException | None], None]


@dataclass(slots=True)
class ReplyListener:
    """Notes when the body of a reply starts, and hands on its end."""

    reply: Reply
    on_end: OnEnd

    def first_chunk(self) -> None:
        elapsed = (time.time_ns() - self.reply.started) / 1e9
        self.reply.extra[semconv.TIME_TO_FIRST_CHUNK] = elapsed

    def finished(self, body: Body, outcome: Outcome, error: BaseException | None) -> None:
        self.on_end(self.reply, body, outcome, error)


@dataclass(slots=True)
class ResumedListener:
    """Hands on the end of a stream that goes on with a background response."""

    on_end: Callable[[Mapping[str, Any]], None]

    def first_chunk(self) -> None:
        """Not the first chunk of the response."""

    def finished(self, body: Body, outcome: Outcome, error: BaseException | None) -> None:
        self.on_end(body.response())
