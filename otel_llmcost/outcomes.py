# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""What the calls were good for: outcomes, joined with cost in SQL."""

from __future__ import annotations

import logging
import math
import os
import time
from typing import Any

from opentelemetry import context as otel_context

from otel_llmcost import allocation, config, semconv, tags
from otel_llmcost.guard import guard

_log = logging.getLogger(__name__)


def outcome(name: str, value: float = 1.0, **dimensions: object) -> None:
    """Say that something worth having happened, e.g. `outcome("ticket_resolved")`.

    It is joined with the calls of the same scope, else session, else trace: cost per outcome.
    Keywords are dimensions as in `allocate()`. An outcome without a name or a finite value is
    dropped with a warning; nothing is raised.
    """
    with guard("outcome"):
        number = _finite(value)
        label = _text(name)
        if number is None or not label:
            _log.warning("outcome %r dropped: it needs a name and a finite value", name)
            return
        attributes: dict[str, Any] = {
            **allocation.current_attributes(),
            **allocation.attributes_of(dimensions),
            semconv.OUTCOME_NAME: label,
            semconv.OUTCOME_VALUE: number,
            semconv.OUTCOME_ID: os.urandom(16).hex(),
        }
        _send(attributes)


def _send(attributes: dict[str, Any]) -> None:
    # Loads OpenTelemetry's log API, which a program that only tags features does not need.
    from otel_llmcost.instrumentation.records import events

    events.current(config.active()).emit(
        semconv.EVENT_OUTCOME, attributes, at=time.time_ns(), context=otel_context.get_current()
    )


def _text(value: object) -> str:
    return tags.encodable(value.strip(), "outcome") if isinstance(value, str) else ""


def _finite(value: object) -> float | None:
    if not isinstance(value, int | float) or not math.isfinite(value):
        return None
    return float(value)
