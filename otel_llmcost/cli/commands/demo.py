# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""`otel-llmcost demo`."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from otel_llmcost.cli import daemon, target


@click.command("demo")
@click.option(
    "--store",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path(".demo"),
    show_default=True,
    help="Where the demo keeps its data.",
)
@click.option("--seed", default=0, show_default=True, help="Another seed, other traffic.")
def command(store: Path, seed: int) -> None:
    """See it all work, without an API key: emulated providers, a sample app on the real SDKs.

    Exit 0 when the store agrees with the providers' own bill, to the last digit.
    """
    daemon.require_extra("the demo")
    from otel_llmcost.demo.run import main

    target.directory(target.store_url(str(store)), "the demo")
    sys.exit(main(store, seed=seed))
