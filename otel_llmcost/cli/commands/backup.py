# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""`otel-llmcost backup`."""

from __future__ import annotations

from pathlib import Path

import click

from otel_llmcost.cli import options, render, target


@click.command("backup")
@click.argument("directory", type=click.Path(path_type=Path))
@options.with_url
def command(url: str | None, directory: Path) -> None:
    """Write a store to a directory, also while it is being filled."""
    from otel_llmcost.store import backup

    with target.opened(url) as store:
        count = sum(1 for _ in backup.save(store, directory))
    render.say(f"Wrote {count} partitions to {directory}.")
