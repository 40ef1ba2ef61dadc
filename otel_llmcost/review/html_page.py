# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""The monthly review as one HTML file: no scripts, nothing loaded from elsewhere, all escaped."""

from __future__ import annotations

import importlib.util
from typing import Any

from otel_llmcost.errors import MissingExtraError
from otel_llmcost.reports.report import Column
from otel_llmcost.review.build import Review, Section
from otel_llmcost.review.markdown import cell, heading, is_number

_WIDE = frozenset({"change", "next", "pareto", "anomalies"})


def page(found: Review) -> str:
    """The whole file. Raises MissingExtraError without jinja2."""
    if importlib.util.find_spec("jinja2") is None:
        raise MissingExtraError("serve", "a review in HTML")
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("otel_llmcost.review"), autoescape=True, trim_blocks=True,
        lstrip_blocks=True, undefined=jinja2.StrictUndefined,
    )  # fmt: skip
    sections = [_section(section) for section in found.sections]
    return environment.get_template("review.html").render(review=found, sections=sections)


def _section(section: Section) -> dict[str, Any]:
    report = section.report
    rows = [*report.rows, *([report.total] if report.total else [])]
    return {
        "section": section,
        "wide": section.key in _WIDE,
        "columns": [(heading(column), is_number(column)) for column in report.columns],
        "rows": [
            [_cell(c, value) for c, value in zip(report.columns, row, strict=True)] for row in rows
        ],
        "has_total": report.total is not None,
    }


def _cell(column: Column, value: Any) -> tuple[str, bool, float | None]:
    """Text, whether it is a number, and the length of its bar for shares."""
    bar = round(float(value) * 100, 1) if column.kind == "share" and value is not None else None
    return cell(column, value), is_number(column), bar
