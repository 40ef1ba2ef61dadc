# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""`otel-llmcost emulator`."""

from __future__ import annotations

import signal
import threading

import click

from otel_llmcost.errors import ConfigError


@click.command("emulator")
@click.option("--port", default=0, metavar="PORT", help="Anthropic's API; 0 = any free port.")
@click.option("--openai-port", default=0, metavar="PORT", help="OpenAI's API; 0 = any free port.")
@click.option(
    "--seed", default=0, show_default=True, help="The same seed gives the same replies and prices."
)
@click.option("--salt", help="Fix the ids too.")
@click.option(
    "--latency", default=0.0, show_default=True, metavar="SECONDS", help="Time to the first token."
)
def command(port: int, openai_port: int, seed: int, salt: str | None, latency: float) -> None:
    """Anthropic's and OpenAI's APIs on this machine, without a key, until Ctrl-C.

    It prints the variables that point an application here. `GET /ledger` says what it billed.

    \b
    otel-llmcost emulator > emulator.env &
    """
    from otel_llmcost.emulator import Emulator

    emulator = Emulator(port=port, openai_port=openai_port, seed=seed, salt=salt, latency=latency)
    try:
        emulator.start()
    except OSError as error:
        why = error.strerror or error
        raise ConfigError(f"cannot listen ({why}): change --port or --openai-port") from None
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        for name, value in emulator.environment().items():
            click.echo(f"export {name}={value}")
        click.echo(f"# ledger: {emulator.anthropic_url}/ledger")
        threading.Event().wait()
    except KeyboardInterrupt:
        raise SystemExit(130) from None
    finally:
        emulator.stop()
