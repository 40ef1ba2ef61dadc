# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""`otel-llmcost restore`."""

from __future__ import annotations

from pathlib import Path

import click

from otel_llmcost.cli import options, render, target


@click.command("restore")
@click.argument("directory", type=click.Path(path_type=Path))
@options.with_url
def command(url: str | None, directory: Path) -> None:
    """Bring back what a backup holds. What is there stays; nothing is added twice."""
    from otel_llmcost.store import backup
    from otel_llmcost.store.transfer import receive

    source = backup.BackupSource(directory)
    with target.opened(url, create=True) as store:
        store.apply_schema()
        count = sum(1 for _ in receive(store, source))
        store.refresh()
    render.say(f"Restored {count} partitions from {directory}.")
