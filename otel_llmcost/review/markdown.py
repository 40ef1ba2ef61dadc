# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""The monthly review as Markdown, to be read as it stands or pasted into a page."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from otel_llmcost.attribution.periods import signed
from otel_llmcost.reports.formatting import figure
from otel_llmcost.reports.report import Column, Report
from otel_llmcost.review.build import Review

_ESCAPES = str.maketrans({"|": "\\|", "\n": " ", "\r": " ", "`": "'"})
_TAG = re.compile(r"<(?=[A-Za-z/!?])")


def page(found: Review, *, sql: bool) -> str:
    """The whole page; `sql` adds the statements of every section at the end."""
    lines = [f"# {_safe(found.title)}", ""]
    if found.headline:
        lines += [" · ".join(f"**{value}** {name}" for name, value in found.headline), ""]
    lines += [f"- {_safe(line)}" for line in found.summary]
    for section in found.sections:
        lines += ["", f"## {section.title}", ""]
        if section.text:
            lines += [_safe(section.text), ""]
        if section.report.rows:
            lines += _table(section.report)
        elif not section.text:
            lines.append("Nothing.")
    if sql:
        lines += ["", "# SQL", "", "Run one with `otel-llmcost query`."]
        for section in found.sections:
            for statement in section.statements:
                lines += ["", f"## {section.title}", "", "```sql", statement, "```"]
    return "\n".join(lines)


def _table(report: Report) -> list[str]:
    names = [heading(column) for column in report.columns]
    rows = [_cells(report.columns, row) for row in report.rows]
    if report.total:
        rows.append(
            [f"**{cell}**" if cell else "" for cell in _cells(report.columns, report.total)]
        )
    widths = [max(len(cell) for cell in column) for column in zip(names, *rows, strict=True)]
    right = [is_number(column) for column in report.columns]
    rule = ["-" * (w - 1) + ":" if r else "-" * w for w, r in zip(widths, right, strict=True)]
    padded = [
        [c.rjust(w) if r else c.ljust(w) for c, w, r in zip(row, widths, right, strict=True)]
        for row in (names, *rows)
    ]
    return [f"| {' | '.join(cells)} |" for cells in (padded[0], rule, *padded[1:])]


def _cells(columns: Sequence[Column], row: Sequence[Any]) -> list[str]:
    return [_safe(cell(column, value)) for column, value in zip(columns, row, strict=True)]


def _safe(text: str) -> str:
    return _TAG.sub("&lt;", text.translate(_ESCAPES))


def cell(column: Column, value: Any) -> str:
    """A value for people; changes with their sign."""
    if column.name == "change_usd" and value is not None:
        return signed(value)
    return figure(column.kind, value)


def heading(column: Column) -> str:
    """A column's name for people."""
    return column.name.removesuffix("_usd").removesuffix("_ms").replace("_", " ")


def is_number(column: Column) -> bool:
    """Whether its figures stand on the right."""
    return column.kind not in ("text", "raw", "time")
