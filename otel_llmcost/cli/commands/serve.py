# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""`otel-llmcost serve`."""

from __future__ import annotations

import signal
from datetime import tzinfo
from pathlib import Path

import click

from otel_llmcost.cli import daemon, options, render, target
from otel_llmcost.cli.commands import watch

_PORT = click.IntRange(0, 65535)


@click.command("serve")
@click.option("--store", metavar="PATH", help="Directory of the store; default: $LLMCOST_STORE.")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--token-file",
    envvar="LLMCOST_TOKEN_FILE",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Secret that clients must send, needed off 127.0.0.1; or set $LLMCOST_TOKEN.",
)
@click.option(
    "--token", envvar="LLMCOST_TOKEN", help="The same; others on this machine see it in `ps`."
)
@click.option(
    "--viewer-token-file",
    envvar="LLMCOST_VIEWER_TOKEN_FILE",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Another secret, with which people may look at the page and change nothing.",
)
@click.option(
    "--identity-header",
    envvar="LLMCOST_IDENTITY_HEADER",
    default="",
    metavar="NAME",
    help="Header in which a proxy names the person it has let in, such as X-Forwarded-Email.",
)
@click.option(
    "--trusted-proxy",
    "proxies",
    multiple=True,
    metavar="ADDRESS",
    help="Address or network of that proxy; may be repeated. Default: this machine.",
)
@click.option(
    "--editor",
    "editors",
    multiple=True,
    metavar="NAME",
    help="Who of them may change budgets and incidents; may be repeated, * is all.",
)
@click.option("--otlp-grpc-port", default=4317, show_default=True, type=_PORT)
@click.option("--otlp-http-port", default=4318, show_default=True, type=_PORT)
@click.option(
    "--clickhouse-port", default=8123, show_default=True, type=_PORT, help="ClickHouse HTTP."
)
@click.option("--web-port", default=8321, show_default=True, type=_PORT, help="The page.")
@options.with_anomaly_limits("anomaly-")
@click.option(
    "--landlock/--no-landlock",
    default=True,
    show_default=True,
    help="Keep the process to its store, where the kernel can.",
)
@options.with_timezone
@watch.with_page_url
@watch.with_receivers
def command(
    store: str | None,
    host: str,
    token_file: Path | None,
    token: str | None,
    viewer_token_file: Path | None,
    identity_header: str,
    proxies: tuple[str, ...],
    editors: tuple[str, ...],
    otlp_grpc_port: int,
    otlp_http_port: int,
    clickhouse_port: int,
    web_port: int,
    floor: float,
    strictness: float,
    page_url: str,
    landlock: bool,
    zone: tzinfo,
    webhook_: tuple[str, ...],
    slack_: tuple[str, ...],
    exec_: tuple[str, ...],
) -> None:
    """Receive OTLP, store it, answer SQL and show the page: one local process. Ctrl-C stops it.

    Port 0 is any free port. Without --store, the store is in the user's data directory.
    """
    daemon.require_extra("serve")
    from otel_llmcost.serve import Daemon, ServeConfig
    from otel_llmcost.serve.config import given_token

    path = target.directory(target.store_url(store), "serve")
    process = Daemon(
        ServeConfig(
            store=path,
            host=host,
            token=given_token(token, token_file),
            viewer_token=given_token(None, viewer_token_file),
            identity_header=identity_header,
            trusted_proxies=proxies,
            editors=editors,
            otlp_grpc_port=otlp_grpc_port,
            otlp_http_port=otlp_http_port,
            clickhouse_port=clickhouse_port,
            web_port=web_port,
            anomaly_floor_usd=floor,
            anomaly_strictness=strictness,
            page_url=page_url,
            receivers=watch.receivers(webhook_, slack_, exec_),
            timezone=zone,
            landlock=landlock,
        )
    )
    process.stop_on(signal.SIGTERM)
    process.start()
    facts = process.facts
    render.say(
        f"Page        {facts['web']}\n"
        f"OTLP        {facts['otlp_http']} (HTTP), {facts['otlp_grpc']} (gRPC)\n"
        f"ClickHouse  {facts['http_url']}\n"
        f"Store       {path}\n"
        f"Landlock    {process.landlock}\n"
        "Ctrl-C stops."
    )
    process.wait()
    render.say("Stopped; everything received is stored.")
