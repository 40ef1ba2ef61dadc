# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""`otel-llmcost copy`."""

from __future__ import annotations

from decimal import Decimal

import click

from otel_llmcost.cli import options, render, target
from otel_llmcost.errors import ConfigError, StoreError

_CALLS = "SELECT count(), sum(cost_usd) FROM llmcost.calls"


@click.command("copy")
@click.option(
    "--to",
    "destination",
    required=True,
    metavar="URL",
    help="Where to: http(s)://USER:PASSWORD@HOST:8123/llmcost.",
)
@options.with_url
def command(url: str | None, destination: str) -> None:
    """Copy a store into a ClickHouse server. Nothing is removed here; repeat it after a failure.

    Nothing is added twice. Point applications at the server first, then copy what was recorded.
    """
    from otel_llmcost.store import open_store
    from otel_llmcost.store.transfer import StoreSource, receive

    if target.store_url(url) == target.store_url(destination):
        raise ConfigError("a store cannot be copied to itself: name another with --to")
    with target.opened(url) as store, open_store(target.store_url(destination)) as server:
        server.apply_schema()
        [(calls, cost)] = store.query(_CALLS).rows
        count = sum(1 for _ in receive(server, StoreSource(store)))
        server.refresh()
        [(there, cost_there)] = server.query(_CALLS).rows
    render.say(f"Copied {count} partitions: {there:,} calls, {_usd(cost_there)} are there.")
    if there < calls:
        raise StoreError(f"{calls:,} calls, {_usd(cost)} were here: run it again")


def _usd(cost: Decimal | None) -> str:
    return "an unknown cost" if cost is None else f"${cost}"
