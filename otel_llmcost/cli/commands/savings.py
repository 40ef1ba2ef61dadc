# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""`otel-llmcost savings`."""

from __future__ import annotations

from typing import Any

import click

from otel_llmcost import reports
from otel_llmcost.cli import options, render, target


@click.command("savings")
@options.with_window(since="30d")
@click.option(
    "--candidate",
    default="",
    metavar="MODEL",
    help="Model that cheaper_model tries. Default: the next tier of the same family.",
)
@click.option(
    "--share",
    default=0.0,
    type=click.FloatRange(0, 1),
    metavar="0..1",
    help="Part of the calls that would go to it. Default: those with a short answer.",
)
@click.option("--limit", default=20, show_default=True, type=click.IntRange(1, 100_000))
@click.option("--sql", is_flag=True, help="Print the SQL and assumption behind each row too.")
@options.with_format
@options.with_url
def command(
    candidate: str,
    share: float,
    limit: int,
    sql: bool,
    output: options.Format,
    url: str | None,
    **where: Any,
) -> None:
    """What your own calls would have cost with one lever pulled, by feature and model.

    Other terms: batch, flex, standard_tier, global_endpoint, cheaper_model. Prompt caching:
    prompt_cache, prompt_cache_long, cache_ttl, unread_writes, stable_prefix. Sizes: cap_output,
    reasoning_effort, oversized_prompts, growing_history. Paid for nothing: duplicate_requests,
    abandoned_streams, failed_calls. Every figure is a replay of these calls, in whole hours,
    through the price book, never a percentage of spend; `assumption` is what has to be true for it.
    """
    window = options.window(**where)
    other = reports.Candidate(candidate, share)
    with target.opened(url) as store:
        report = reports.savings(store.query, window, limit, other)
    render.emit(report, output)
    if sql:
        for text in reports.explained(window, limit, other, report.records()):
            shown = render.printable(f"\n{text}", keep_lines=True)
            click.echo(shown, err=output != "table")
