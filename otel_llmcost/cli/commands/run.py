# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""`otel-llmcost run`."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import click

from otel_llmcost.attribution.run_record import run_record
from otel_llmcost.cli import daemon, render, target
from otel_llmcost.errors import ConfigError
from otel_llmcost.reports import Filters, Window, spend
from otel_llmcost.reports.formatting import count, usd
from otel_llmcost.store.owner import Owner

_INSTRUMENT = "from opentelemetry.instrumentation.auto_instrumentation import run; run()"


@click.command("run", context_settings={"ignore_unknown_options": True})
@click.option("--store", metavar="PATH", help="Local store to record into.")
@click.option("--record", metavar="FILE", help="Write what it cost to a small JSON file.")
@click.argument("cmd", nargs=-1, required=True, type=click.UNPROCESSED)
def command(store: str | None, record: str | None, cmd: tuple[str, ...]) -> None:
    """Run CMD under opentelemetry-instrument and print, at its end, what its LLM calls cost.

    Records go to the running daemon of the store, else to one that runs as long as CMD.
    Exits with CMD's own exit code; the summary goes to stderr.

    \b
    otel-llmcost run -- python app.py
    otel-llmcost run --record cost.json -- pytest    # for `otel-llmcost gate`
    """
    sys.exit(recorded(cmd, store, Path(record) if record else None))


def recorded(cmd: tuple[str, ...], store: str | None, record: Path | None) -> int:
    """Run CMD, say what it cost, write that to `record`; its exit code."""
    if shutil.which(cmd[0]) is None:
        raise click.UsageError(f"command not found: {cmd[0]}")
    if record:
        _check_writable(record)
    path = target.directory(target.store_url(store), "run")
    started = datetime.now(UTC)
    umask = os.umask(0o077)  # a daemon in this process keeps it; CMD has its own
    os.umask(umask)
    with daemon.running(path) as facts:
        environment = _environment(os.environ, str(facts["otlp_http"]), cmd)
        code = _run([sys.executable, "-c", _INSTRUMENT, *cmd], environment, umask)
        owner = Owner(int(facts["pid"]), str(facts["http_url"]), dict(facts["users"]))
        window = Window(started, None, Filters(service=environment["OTEL_SERVICE_NAME"]))
        # The rollups are brought up to date first, which a reader may not do.
        _summarize(owner.url("admin"), window, record)
    return code


def _check_writable(record: Path) -> None:
    """Before the run, not after it."""
    try:
        record.parent.mkdir(parents=True, exist_ok=True)
        record.open("a", encoding="utf-8").close()
    except OSError as error:
        raise ConfigError(f"cannot write the record {record}: {error.strerror or error}") from None


def _environment(base: Mapping[str, str], endpoint: str, cmd: tuple[str, ...]) -> dict[str, str]:
    """CMD's environment: what it sends goes to the local daemon, and nowhere else."""
    mine = {
        name: value for name, value in base.items() if not name.startswith("OTEL_EXPORTER_OTLP_")
    }
    local = ",".join(filter(None, (base.get("NO_PROXY"), "127.0.0.1", "localhost")))
    return {
        "OTEL_SERVICE_NAME": _service(cmd),
        "OTEL_METRICS_EXPORTER": "none",
        **mine,
        "NO_PROXY": local,
        "no_proxy": local,
        "OTEL_TRACES_EXPORTER": "otlp",
        "OTEL_LOGS_EXPORTER": "otlp",
        "OTEL_EXPORTER_OTLP_ENDPOINT": endpoint,
        "OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf",
    }


def _service(cmd: tuple[str, ...]) -> str:
    """The script's name, else the program's."""
    script = next((part for part in cmd if part.endswith(".py")), None)
    if script is None and "-m" in cmd[:-1]:
        script = cmd[cmd.index("-m") + 1]
    return Path(script or cmd[0]).name.removesuffix(".py")


def _run(cmd: list[str], environment: dict[str, str], umask: int) -> int:
    with subprocess.Popen(cmd, env=environment, umask=umask) as process:

        def pass_on(*_: object) -> None:
            process.terminate()

        # Ctrl-C reaches the child by itself; this process stays to report the cost.
        before = {
            signal.SIGINT: signal.signal(signal.SIGINT, signal.SIG_IGN),
            signal.SIGTERM: signal.signal(signal.SIGTERM, pass_on),
        }
        try:
            code = process.wait()
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
    return code if code >= 0 else 128 - code


def _summarize(url: str, window: Window, record: Path | None) -> None:
    from otel_llmcost.store import open_store

    service = window.filters.service
    with open_store(url) as store:
        store.refresh()  # finds the calls that a second emitter reported as well
        report = spend(store.query, window, ["feature", "model"], 20)
        if record:
            recorded = run_record(store.query, window)
            record.write_text(recorded.to_json() + "\n", encoding="utf-8")
    if report.total is None:
        render.say(
            f"\n{service}: no LLM call was recorded. Check with `otel-llmcost doctor` that "
            "anthropic or openai is installed for this Python."
        )
        return
    totals = dict(zip((column.name for column in report.columns), report.total, strict=True))
    calls = totals["calls"]
    render.say(
        f"\n{service}: {usd(totals['cost_usd'])} for {count(calls)} call{'s' * (calls != 1)}"
    )
    render.emit(report, "table", err=True)
