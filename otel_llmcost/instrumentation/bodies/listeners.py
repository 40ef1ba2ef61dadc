# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""What a tee tells the driver about a body that the application reads."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from otel_llmcost import semconv
from otel_llmcost.instrumentation.bodies.readers import Body
from otel_llmcost.instrumentation.bodies.tee import Outcome
from otel_llmcost.instrumentation.calls.call import Reply

if TYPE_CHECKING:
    from otel_llmcost.instrumentation.calls.tracker import Driver


@dataclass(slots=True)
class ReplyRead:
    """What a tee tells about the body of one reply."""

    driver: Driver
    reply: Reply

    def first_chunk(self) -> None:
        elapsed = (time.time_ns() - self.reply.started) / 1e9
        self.reply.extra[semconv.TIME_TO_FIRST_CHUNK] = elapsed

    def finished(self, body: Body, outcome: Outcome, error: BaseException | None) -> None:
        self.driver.read(self.reply, body, outcome, error)


@dataclass(slots=True)
class Resumed:
    """What a tee tells about a stream that goes on with a background response."""

    driver: Driver
    asked_elsewhere: Callable[[], Reply]

    def first_chunk(self) -> None:
        """Not the first chunk of the response."""

    def finished(self, body: Body, outcome: Outcome, error: BaseException | None) -> None:
        self.driver.resumed(body.response(), self.asked_elsewhere)
