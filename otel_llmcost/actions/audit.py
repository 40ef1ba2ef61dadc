# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Who changed what, when, and from what to what: a line for every change that a person makes."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal, Protocol

from otel_llmcost.reports.report import Query

Origin = Literal["page", "command line", "webhook"]

_COLUMNS = (
    "changed_at",
    "change_id",
    "changed_by",
    "origin",
    "action",
    "subject",
    "before",
    "after",
)


class Store(Protocol):
    """What a change needs of `otel_llmcost.store.Store`."""

    @property
    def query(self) -> Query: ...  # noqa: D102 - the protocol's docstring says it
    def insert(  # noqa: D102 - as above
        self, table: str, rows: list[list[Any]], columns: tuple[str, ...], /
    ) -> None: ...


@dataclass(frozen=True, slots=True)
class Author:
    """Who makes a change, and from where."""

    name: str
    origin: Origin


def record(
    store: Store,
    author: Author,
    action: str,
    subject: str,
    *,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    now: datetime | None = None,
) -> None:
    """Write one line, before the change itself: a change without its line cannot happen.

    `before` and `after` are what is changed; None where there is none. Raises StoreError.
    """
    row: list[Any] = [
        now or datetime.now(UTC),
        uuid.uuid4().hex,
        author.name,
        author.origin,
        action,
        subject,
        _json(before),
        _json(after),
    ]
    store.insert("audit_log", [row], _COLUMNS)


def _json(values: Mapping[str, Any] | None) -> str:
    """Money and times as text; empty for none."""
    return "" if values is None else json.dumps(values, default=str, ensure_ascii=False)
