# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""`otel-llmcost savings`."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import click

from otel_llmcost import reports
from otel_llmcost.actions.savings import done, subject, undo
from otel_llmcost.cli import options, render, target
from otel_llmcost.reports.formatting import usd
from otel_llmcost.reports.realised import realised, report


@click.group("savings", invoke_without_command=True)
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
@click.pass_context
def command(
    context: click.Context,
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

    \b
      otel-llmcost savings done cap_output --feature product.describe
      otel-llmcost savings realised
    """
    if context.invoked_subcommand:
        return
    window = options.window(**where)
    other = reports.Candidate(candidate, share)
    with target.opened(url) as store:
        found = reports.savings(store.query, window, limit, other)
    render.emit(found, output)
    if sql:
        for text in reports.explained(window, limit, other, found.records()):
            shown = render.printable(f"\n{text}", keep_lines=True)
            click.echo(shown, err=output != "table")


def _with_key(command: Callable[..., Any]) -> Callable[..., Any]:
    """Which saving is meant."""
    for name in ("provider", "environment", "model", "feature"):
        help_ = f"Its {name}, where the lever is found for several."
        command = click.option(f"--{name}", default="", metavar="NAME", help=help_)(command)
    return click.argument("lever")(command)


@command.command("done")
@_with_key
@click.option("--note", default="", help="What there is to know about it.")
@options.with_url
def done_(lever: str, note: str, url: str | None, **key: str) -> None:
    """Mark a saving as done: from now on, what it really saves is measured."""
    with target.opened(url) as store:
        row = done(store, options.author(), {"lever": lever, **key}, note=note)
    render.say(
        f"{subject(row)} is done: {usd(row['saving_usd_per_month'])} a month was predicted. "
        "`otel-llmcost savings realised` has what it saves."
    )


@command.command("undo")
@_with_key
@options.with_url
def undo_(lever: str, url: str | None, **key: str) -> None:
    """Take it back: the saving was not done after all."""
    with target.opened(url) as store:
        row = undo(store, options.author(), {"lever": lever, **key})
    render.say(f"{subject(row)} is not done.")


@command.command("realised")
@options.with_format
@options.with_url
def realised_(output: options.Format, url: str | None) -> None:
    """What savings that are done have saved since, beside what was predicted for that time.

    Calls on other terms (batch, flex, the standard tier, a cheaper model) are billed again on the
    terms of before, which is exact. For other levers a call is compared with those of the 30 days
    before; plus minus is a 90 % interval.
    """
    with target.opened(url) as store:
        found = realised(store.query, datetime.now(UTC))
    render.emit(report(found), output)
