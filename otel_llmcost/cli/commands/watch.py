# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""`otel-llmcost watch`."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import tzinfo
from pathlib import Path
from typing import Any, TypeVar

import click

from otel_llmcost.cli import options, render, target
from otel_llmcost.errors import ConfigError, StoreError

_Command = TypeVar("_Command", bound=Callable[..., Any])


def with_receivers(command: _Command) -> _Command:
    """`--webhook`, `--slack` and `--exec`: the receivers."""
    for name, metavar, text in (
        ("exec", "CMD", "Run this for every notice, JSON on stdin; no shell."),
        ("slack", "URL", "Notify this Slack webhook."),
        ("webhook", "URL", "POST every notice as JSON to this address."),
    ):
        command = click.option(f"--{name}", name + "_", multiple=True, metavar=metavar, help=text)(
            command
        )
    return command


def with_page_url(command: _Command) -> _Command:
    """`--page-url`: where people reach the page."""
    return click.option(
        "--page-url",
        default="",
        envvar="LLMCOST_PAGE_URL",
        metavar="URL",
        callback=_url,
        help="Where people reach the page of `serve`: notices link to it. Or $LLMCOST_PAGE_URL.",
    )(command)


def _url(context: click.Context, option: click.Parameter, text: str) -> str:
    from otel_llmcost.serve.config import is_url

    if text and not is_url(text):
        raise click.BadParameter("it needs an http:// or https:// address", context, option)
    return text


def receivers(webhook_: tuple[str, ...], slack_: tuple[str, ...], exec_: tuple[str, ...]) -> Any:
    """The receivers those options name. Raises ConfigError for an address that cannot be one."""
    from otel_llmcost.serve.receivers import Receiver

    return (
        *(Receiver("webhook", address) for address in webhook_),
        *(Receiver("slack", address) for address in slack_),
        *(Receiver("exec", address) for address in exec_),
    )


@click.command("watch")
@with_receivers
@click.option(
    "--every", default=60, show_default=True, type=click.IntRange(1, 86_400), metavar="SECONDS"
)
@click.option("--once", is_flag=True, help="Look once, notify, and end; for cron.")
@click.option(
    "--heartbeat",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Touch this file after every look that succeeded: a health check reads its age.",
)
@click.option("--no-digest", is_flag=True, help="Leave out the daily and weekly spend.")
@options.with_anomaly_limits("anomaly-")
@options.with_timezone
@with_page_url
@options.with_url
def command(
    webhook_: tuple[str, ...],
    slack_: tuple[str, ...],
    exec_: tuple[str, ...],
    every: int,
    once: bool,
    heartbeat: Path | None,
    no_digest: bool,
    floor: float,
    strictness: float,
    zone: tzinfo,
    page_url: str,
    url: str | None,
) -> None:
    """Notify: new and ended incidents, budgets crossed, silence, daily and weekly spend.

    Each notice is sent once, also after a restart; a receiver that is down gets it later. With a
    local store `otel-llmcost serve` looks for anomalies; with a server, this does it as well, also
    without a receiver, and first at the hours since it last did.
    """
    from otel_llmcost.detection.look import look
    from otel_llmcost.serve.watch import Watch

    who = receivers(webhook_, slack_, exec_)
    remote = target.local_path(target.store_url(url)) is None
    if not who and not remote:
        raise ConfigError("no receiver is named: add --webhook URL, --slack URL or --exec CMD")
    with target.opened(url) as store:
        watch = Watch(store, who, digests=not no_digest, zone=zone, page_url=page_url)
        while True:
            try:
                if remote:
                    look(store, floor_usd=floor, strictness=strictness)
                taken = watch.look()
                if heartbeat is not None:
                    _touch(heartbeat)
            except StoreError as error:
                if once:
                    raise
                render.say(f"The store did not answer, trying again: {error}")
            else:
                if once:
                    render.say(f"{taken} notices sent.")
                    return
            try:
                time.sleep(every)
            except KeyboardInterrupt:
                render.say("Stopped; the next watch reports what comes until then.")
                raise SystemExit(130) from None


def _touch(file: Path) -> None:
    try:
        file.touch()
    except OSError as error:
        why = error.strerror or error
        raise ConfigError(f"cannot write --heartbeat {file} ({why}): name another file") from None
