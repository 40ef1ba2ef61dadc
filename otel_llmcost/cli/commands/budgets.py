# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""`otel-llmcost budgets`."""

from __future__ import annotations

import re
from datetime import tzinfo

import click

from otel_llmcost.actions.budgets import Budget, amount, check_scope, remove_budget, set_budget
from otel_llmcost.cli import options, render, target
from otel_llmcost.errors import ConfigError
from otel_llmcost.reports.budgets import PERIODS, SCOPES, budgets, for_people


@click.group("budgets")
def command() -> None:
    """Set what may be spent, and see how it stands."""


class _Set(click.Command):
    """Says of `budgets set -5` what is wrong; by itself it is an option that does not exist."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        for arg in args:
            if re.fullmatch(r"-\$?\d[\d.]*", arg):
                raise click.UsageError(f"{arg} is no budget: a budget is more than 0", ctx)
        return super().parse_args(ctx, args)


@command.command("set", cls=_Set)
@click.argument("usd", metavar="USD")
@click.option("--per", "period", type=click.Choice(PERIODS), default="month", show_default=True)
@click.option(
    "--for",
    "scope",
    default="total",
    show_default=True,
    metavar="SCOPE[=VALUE]",
    help=f"{', '.join(SCOPES)}; all but total need a value: feature=support.reply.",
)
@click.option(
    "--warn-at", default=80, show_default=True, type=click.IntRange(1, 100), metavar="PERCENT"
)
@click.option(
    "--action",
    type=click.Choice(("warn", "block")),
    default="warn",
    show_default=True,
    help="What applications started with LLMCOST_BUDGETS=1 do when it is used up.",
)
@click.option("--name", help="How to call it; default: made of scope and period.")
@options.with_url
def set_(
    usd: str,
    period: str,
    scope: str,
    warn_at: int,
    action: str,
    name: str | None,
    url: str | None,
) -> None:
    """Allow USD per call, day, week or month. Replaces an earlier budget of the same scope.

    Periods are in UTC, or in the zone that LLMCOST_TIMEZONE names where the budget is read: in the
    application, the daemon and the shell.

    \b
      otel-llmcost budgets set 500 --per month
      otel-llmcost budgets set 20 --per day --for feature=support.reply --warn-at 70
    """
    kind, value = _scope(scope)
    budget = Budget(
        scope=kind,
        scope_value=value,
        period=period,
        amount_usd=amount(usd),
        soft_percent=warn_at,
        action=action,
        name=name or "",
    )
    with target.opened(url, create=True) as store:
        set_budget(store, budget, options.author())
    render.say(f"Budget {budget.called!r}: ${usd} per {period}, warning at {warn_at} %.")


@command.command("remove")
@click.option("--per", "period", type=click.Choice(PERIODS), default="month", show_default=True)
@click.option("--for", "scope", default="total", show_default=True, metavar="SCOPE[=VALUE]")
@options.with_url
def remove(period: str, scope: str, url: str | None) -> None:
    """Drop the budget of a scope and period."""
    kind, value = _scope(scope)
    with target.opened(url) as store:
        name = remove_budget(store, kind, value, period, options.author())
    render.say(f"Budget {name!r} is gone.")


@command.command("list")
@click.option("--check", is_flag=True, help="Exit 1 when a budget is exceeded, for scripts.")
@options.with_timezone
@options.with_format
@options.with_url
def list_(check: bool, zone: tzinfo, output: options.Format, url: str | None) -> None:
    """Every budget with what was spent of it, its burn rate and its forecast.

    Days, weeks (from Monday) and months are those of --timezone.
    """
    with target.opened(url) as store:
        report = budgets(store.query, zone)
    render.emit(for_people(report) if output == "table" else report, output)
    if check and any(row["state"] == "exceeded" for row in report.records()):
        raise SystemExit(1)


def _scope(text: str) -> tuple[str, str]:
    kind, _, value = text.partition("=")
    if kind in SCOPES and (kind == "total") == bool(value):
        raise ConfigError(
            "a budget for the total has no value: --for total"
            if kind == "total"
            else f"which {kind}? Give it as --for {kind}=NAME"
        )
    check_scope(kind, value)
    return kind, value
