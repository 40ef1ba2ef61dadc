# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""The table of docs/explanation/public-reports.md: `python -m tests.reports.table [--check]`."""

from __future__ import annotations

import sys
from decimal import Decimal
from pathlib import Path

from tests.reports.emitters import EMITTERS
from tests.reports.model import Report
from tests.reports.replies import REPLIES

PAGE = Path(__file__).parents[2] / "docs/explanation/public-reports.md"
BEGIN, END = "<!-- table of tests/reports -->\n", "<!-- end of table -->\n"
REPORTS = sorted([*REPLIES, *EMITTERS], key=lambda report: report.kind)


def result(report: Report) -> str:
    """What we say about it, in one cell."""
    fixed = "fixed: " if report.fixed else ""
    reason = f"{report.status}/{report.reason}" if report.reason else "exact"
    if reason == "exact":
        return fixed + reason
    amount = "" if report.cost is None else f"{usd(report.cost)}, "
    return f"{fixed}{amount}`{reason}`"


def usd(amount: Decimal) -> str:
    return f"${amount.normalize():f}"


def line(report: Report) -> str:
    billed = "unknown" if report.cost is None else usd(report.billed)
    more = " and more" if report.status == "partial" else ""
    calls = f" ({report.calls} calls)" if report.calls > 1 else ""
    repository, number = report.where.split("#")
    link = f"[{report.where}](https://github.com/{repository}/issues/{number})"
    return (
        f"| {link} | {report.kind} | {report.says} | {billed}{more}{calls} | {result(report)} |\n"
    )


def page(text: str) -> str:
    """The page with the table as it should be."""
    before, rest = text.split(BEGIN)
    after = rest.split(END)[1]
    head = "| report | kind | input | billed | here |\n|---|---|---|---|---|\n"
    return before + BEGIN + "\n" + head + "".join(map(line, REPORTS)) + "\n" + END + after


if __name__ == "__main__":
    written = PAGE.read_text()
    wanted = page(written)
    if "--check" in sys.argv:
        sys.exit(written != wanted)
    PAGE.write_text(wanted)
