# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Folds the events of a stream into what the same reply would have been without streaming.

Only what cost and identity need is kept; no text is. Events of unknown kinds are ignored.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from otel_llmcost.providers.fields import JSON, mapping, text


class StreamReader(Protocol):
    """What every reader of a stream can do."""

    def feed(self, event: Mapping[str, Any]) -> None:
        """Take the next decoded event."""
        ...

    def response(self) -> dict[str, Any]:
        """The reply so far; `usage` lacks what did not arrive."""
        ...

    @property
    def complete(self) -> bool:
        """Whether the terminal event was seen: without it the counts are a lower bound."""
        ...

    @property
    def error(self) -> str | None:
        """Type of the error event, when one was seen."""
        ...


class FoldingReader:
    """What the readers share: a reply that grows, whether it is complete, and its error."""

    def __init__(self) -> None:
        self._reply: dict[str, Any] = {}
        self.complete = False
        self.error: str | None = None

    def feed(self, event: Mapping[str, Any]) -> None:
        """See `StreamReader`."""
        event = mapping(event)  # a stream may hold anything
        self._add(event, text(event.get("type")) or "")

    def response(self) -> dict[str, Any]:
        """See `StreamReader`."""
        return dict(self._reply)

    def _add(self, event: JSON, kind: str) -> None:
        raise NotImplementedError

    def _fail(self, error: JSON) -> None:
        self.error = text(error.get("type")) or text(error.get("code")) or "error"
