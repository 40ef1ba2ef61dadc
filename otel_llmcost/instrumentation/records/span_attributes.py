# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Puts a record on our own span: all attributes at once, and as late as possible.

The SDK checks and stores every attribute of a span on its own: measured, 12 µs for 32 attributes,
and 1 µs like this. Ours are plain already; where all of them fit, they go in together.

Reading a reply and its price takes longer than all else that we do in a call. So a span may end
with a mapping that does it when somebody first looks: a processor at once, or the thread that
exports. Nothing waits in a queue of ours, so there is nothing to flush, to lose or to fork.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping
from typing import Any, cast

from opentelemetry.attributes import BoundedAttributes
from opentelemetry.trace import Span

_PARENT_BASED = (
    *("_root", "_remote_parent_sampled", "_remote_parent_not_sampled"),
    *("_local_parent_sampled", "_local_parent_not_sampled"),
)


def set_attributes(span: Span, attributes: Mapping[str, Any]) -> None:
    """`span.set_attributes`, for values that are plain and, if sequences, tuples."""
    held: Any = getattr(span, "_attributes", None)
    if not _holds(held, len(attributes)):
        span.set_attributes(attributes)
        return
    with held._lock:
        held._dict.update(attributes)


def start_is_seen(sampler: object, processors: Iterable[object]) -> bool:
    """Whether something may look at the attributes that a span starts with.

    The samplers and processors of the SDK that most applications have do not. In doubt it may.
    """
    sdk = sys.modules.get("opentelemetry.sdk.trace.sampling")
    export = sys.modules.get("opentelemetry.sdk.trace.export")
    if sdk is None or export is None:
        return True
    idle = (export.BatchSpanProcessor.on_start, export.SimpleSpanProcessor.on_start)
    if any(getattr(type(processor), "on_start", None) not in idle for processor in processors):
        return True
    roots = [sampler]
    if type(sampler) is sdk.ParentBased:
        roots = [vars(sampler).get(name) for name in _PARENT_BASED]
    return any(type(root) not in (sdk.StaticSampler, sdk.TraceIdRatioBased) for root in roots)


def put_later(span: Span, read: Callable[[], Mapping[str, Any] | None], most: int) -> bool:
    """Let `span` have the attributes, at `most` so many, that `read` returns when somebody looks.

    Returns whether it can.

    `read` may run in any thread, and in two at once: its result must be the same each time. None
    adds nothing.
    """
    held: Any = getattr(span, "_attributes", None)
    if not _holds(held, most):
        return False
    cast("Any", span)._attributes = _Later(held, read)
    return True


class _Later(BoundedAttributes):
    """Attributes that are read when they are first needed; all methods go through `_dict`."""

    def __init__(
        self, held: BoundedAttributes, read: Callable[[], Mapping[str, Any] | None]
    ) -> None:
        # Not the base's, which would make a dict. What `held` has, `_dict` too, is in ours now.
        self.__dict__.update(held.__dict__)
        self._read: Callable[[], Mapping[str, Any] | None] | None = read

    @property
    def _dict(self) -> dict[str, Any]:  # pyright: ignore[reportIncompatibleVariableOverride] - as the base's attribute
        read, own = self._read, self.__dict__
        if read is not None:
            # Two threads may both come here, and find the same; no lock, so none can wait.
            own["_dict"] = {**own["_dict"], **(read() or {})}
            self._read = None
        return own["_dict"]

    def __bool__(self) -> bool:
        return True  # `attributes or {}` in the SDK must not read them


def _holds(held: Any, more: int) -> bool:
    # Limits on number and length are the SDK's to apply, as is whatever another version does.
    return (
        type(held) is BoundedAttributes
        and type(getattr(held, "_dict", None)) is dict
        and hasattr(held, "_lock")
        and held.max_value_len is None
        and (held.maxlen is None or len(held) + more <= held.maxlen)
    )
