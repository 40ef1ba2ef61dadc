# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""`otel-llmcost anomalies`."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import click

from otel_llmcost import reports
from otel_llmcost.cli import options, render, target
from otel_llmcost.detection.look import look_at


@click.group("anomalies", invoke_without_command=True)
@options.with_window(since="7d")
@click.option("--limit", default=20, show_default=True, type=click.IntRange(1, 100_000))
@options.with_format
@options.with_url
@click.pass_context
def command(
    context: click.Context, limit: int, output: options.Format, url: str | None, **where: Any
) -> None:
    """The lines of incidents: each kind of trouble, since when, by how much, and why.

    `otel-llmcost serve` looks every minute. `excess` is list price beyond what the feature usually
    costs; `--format json` also has its parts, which add up to it, and the worst record's id.

    \b
    otel-llmcost anomalies --since 30d --feature support.reply
    """
    if context.invoked_subcommand:
        return
    window = options.window(**where)
    with target.opened(url) as store:
        report = reports.anomalies(store.query, window, limit)
    render.emit(report, output)


@command.command("detect")
@click.option(
    "--hours", default=1, show_default=True, type=click.IntRange(1, 168), help="Hours to look at."
)
@options.with_anomaly_limits()
@options.with_url
def detect_(hours: int, floor: float, strictness: float, url: str | None) -> None:
    """Look now, or hour by hour at what is in the store already, as `serve` does every minute."""
    now = datetime.now(UTC)
    found: set[str] = set()
    with target.opened(url) as store:
        for ago in range(hours - 1, -1, -1):
            at = now - timedelta(hours=ago)
            seen = look_at(store, at, floor_usd=floor, strictness=strictness)
            found |= {anomaly.anomaly_id for anomaly in seen}
    render.say(f"{len(found)} found: `otel-llmcost incidents` lists what they are part of.")
