# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""`otel-llmcost review`."""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo
from typing import Literal

import click

from otel_llmcost.cli import options, render, target
from otel_llmcost.reports import Column, Filters, Report
from otel_llmcost.reports.comparison import before, month, this_month
from otel_llmcost.review import html_page, markdown
from otel_llmcost.review.build import Review, review


@click.command("review")
@click.option(
    "--month",
    "of",
    metavar="YYYY-MM",
    help="Which month. Default: the last one, or the running one if that is empty.",
)
@click.option("--environment", default="", metavar="NAME", help="Only this environment.")
@click.option("--service", default="", metavar="NAME", help="Only this service.")
@click.option("--format", "output", type=click.Choice(["md", "html", "json"]), default="md",
              show_default=True, help="How to print it.")  # fmt: skip
@click.option("--sql", is_flag=True, help="md: add the SQL of every figure. (html, json: always.)")
@options.with_timezone
@options.with_url
def command(
    of: str | None,
    zone: tzinfo,
    environment: str,
    service: str,
    output: Literal["md", "html", "json"],
    sql: bool,
    url: str | None,
) -> None:
    """A month on one page: what was spent, why it changed, what was wasted, what to do next.

    List prices, USD; the month is one of --timezone. A month that still runs is compared with as
    many days of the month before. The parts of the change add up to it exactly; calls of unknown
    cost are counted apart.

    \b
    otel-llmcost review --month 2026-10
    otel-llmcost review --month 2026-10 --format html > review.html
    """
    now = datetime.now(UTC)
    wanted = month(of, zone) if of else before(this_month(now, zone))
    filters = Filters(environment=environment, service=service)
    with target.opened(url) as store:
        found = review(store.query, wanted, filters, now=now)
        if of is None and not found.sections:
            running = review(store.query, this_month(now, zone), filters, now=now)
            if running.sections:
                render.say(
                    f"There are no calls in {wanted.since:%B %Y}; this is the running month."
                )
                found = running
    match output:
        case "md":
            click.echo(render.printable(markdown.page(found, sql=sql), keep_lines=True))
        case "html":
            render.echo(html_page.page(found))
        case "json":
            render.emit(_nested(found), "json")


def _nested(found: Review) -> Report:
    """One object; amounts keep every digit."""
    sections = [
        {
            "key": section.key,
            "title": section.title,
            "text": section.text,
            "rows": section.report.records(),
            "sql": list(section.statements),
        }
        for section in found.sections
    ]
    row = (
        found.title, found.month.since, found.month.until, found.month.earlier_since,
        found.month.earlier_until, dict(found.headline), found.summary, sections,
    )  # fmt: skip
    names = (
        "title", "since", "until", "earlier_since", "earlier_until", "headline", "summary",
        "sections",
    )  # fmt: skip
    return Report(title="", columns=tuple(Column(name, "raw") for name in names), rows=[row])
