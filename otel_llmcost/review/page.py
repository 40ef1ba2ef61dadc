# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""What a section of the monthly review is made from, and what it is."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from typing import Any

from otel_llmcost.attribution.periods import Change
from otel_llmcost.reports.comparison import span
from otel_llmcost.reports.query_log import RecordingQuery
from otel_llmcost.reports.report import Report
from otel_llmcost.reports.window import BY_MONTH, Filters, Window, sql_time

TOP = 5
"""Rows of a table: the review is one page."""


@dataclass(frozen=True, slots=True)
class Month:
    """A month of a zone as far as it went, and the time before that it is compared with."""

    since: datetime
    until: datetime
    end: datetime
    """The month's own end; as a rule later than `until` while it runs."""
    earlier_since: datetime
    earlier_until: datetime
    is_over: bool = True
    """Whether all of it has happened."""

    @property
    def zone(self) -> tzinfo:
        """Whose month it is."""
        return self.since.tzinfo or UTC

    @property
    def earlier(self) -> str:
        """The time it is compared with, in words."""
        return span(self.earlier_since, self.earlier_until)


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """One table with what to say about it, and the statements its figures came from."""

    key: str
    title: str
    report: Report = field(default_factory=lambda: Report(title="", columns=(), rows=[]))
    text: str = ""
    """What is above the table, or says why there is none."""
    summary: str = ""
    """Its sentence in the review's summary; "" for none."""
    statements: tuple[str, ...] = ()
    """The SQL that the table came from, ready to be run again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What every section is made from."""

    query: RecordingQuery
    month: Month
    filters: Filters
    total: dict[str, Any]
    """The row of `review_total`."""
    change: Change | None
    """None when there is nothing to compare with."""

    @property
    def window(self) -> Window:
        """The month for reports of windows."""
        month = self.month
        return Window(month.since, month.until, self.filters, BY_MONTH, month.zone)

    def parameters(self, **more: Any) -> dict[str, Any]:
        """What the review's queries share."""
        return {
            **self.window.parameters(),
            "earlier_since": sql_time(self.month.earlier_since),
            "earlier_until": sql_time(self.month.earlier_until),
            "month_end": sql_time(self.month.end),
            **more,
        }
