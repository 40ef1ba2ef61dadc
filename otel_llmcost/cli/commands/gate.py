# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""`otel-llmcost gate`."""

from __future__ import annotations

import shlex
import tempfile
from decimal import Decimal, InvalidOperation
from pathlib import Path

import click

from otel_llmcost.attribution import gate
from otel_llmcost.attribution.run_record import RunRecord
from otel_llmcost.cli import options, render
from otel_llmcost.cli.commands import run
from otel_llmcost.errors import ConfigError


@click.command("gate", context_settings={"ignore_unknown_options": True})
@click.argument("what", metavar="RECORD.json | -- CMD…", nargs=-1, required=True,
                type=click.UNPROCESSED)  # fmt: skip
@click.option("--baseline", required=True, metavar="FILE", help="Record of an earlier run.")
@click.option("--max-increase", default="10%", show_default=True, metavar="PERCENT",
              help="How much more a feature may cost, for each of its runs.")  # fmt: skip
@click.option("--min-usd", default="0.01", show_default=True, metavar="USD",
              help="Smaller increases of a whole run pass, and are named; 0: none.")  # fmt: skip
@click.option("--record", metavar="FILE", help="Keep CMD's record here.")
@click.option("--store", metavar="PATH", help="Local store that CMD records into.")
@options.with_format
def command(
    what: tuple[str, ...],
    baseline: str,
    max_increase: str,
    min_usd: str,
    record: str | None,
    store: str | None,
    output: options.Format,
) -> None:
    """Stop a change that makes a feature cost more: exit 1, naming the feature, why, and the fix.

    Compares two records of `otel-llmcost run --record FILE -- CMD`, both at today's prices: what
    one run of each feature() costs, or one call where calls carry no scope. Or runs CMD itself.

    \b
    otel-llmcost run --record baseline.json -- pytest tests/llm    # once, and commit the file
    otel-llmcost gate --baseline baseline.json -- pytest tests/llm
    otel-llmcost gate new.json --baseline baseline.json --max-increase 5%

    Features that are new or gone are named and pass. Calls of unknown cost that the baseline had
    not fail, because an unknown cost is not 0. A CMD that fails ends with its own exit code.
    """
    limit, least = _fraction(max_increase), _dollars(min_usd)
    earlier = RunRecord.load(Path(baseline))
    if len(what) == 1 and what[0].endswith(".json"):
        current = RunRecord.load(Path(what[0]))
    else:
        current = _run(what, store, record)
    if not current.lines:
        raise ConfigError(
            "no LLM call was recorded, so there is nothing to compare: check with "
            "`otel-llmcost doctor` that anthropic or openai is installed for this Python"
        )
    judged = gate.judge(current, earlier, limit, least)
    render.emit(gate.report(judged, limit), output)
    for note in judged.notes:
        render.say(note)
    render.say(gate.summary(judged))
    if uncounted := gate.uncounted(judged, least):
        render.say(uncounted)
    for verdict in judged.failed:
        render.say(gate.sentence(verdict, limit))
    if judged.failed:
        made = what[0] if len(what) == 1 and what[0].endswith(".json") else record or "NEW.json"
        render.say(f"If it is meant, make it the baseline: cp {made} {shlex.quote(baseline)}")
        raise SystemExit(1)


def _run(cmd: tuple[str, ...], store: str | None, keep: str | None) -> RunRecord:
    with tempfile.TemporaryDirectory(prefix="llmcost-") as directory:
        path = Path(keep) if keep else Path(directory, "record.json")
        code = run.recorded(cmd, store, path)
        if code:
            render.say(f"The command failed (exit {code}); its cost was not compared.")
            raise SystemExit(code)
        return RunRecord.load(path)


def _fraction(text: str) -> float:
    try:
        value = float(text.strip().removesuffix("%").strip())
    except ValueError:
        value = -1.0
    if not 0 <= value < 1e6:
        raise ConfigError(f"{text!r} is no percentage: use a number such as 10%")
    return value / 100


def _dollars(text: str) -> Decimal:
    try:
        value = Decimal(text.strip().removeprefix("$"))
    except InvalidOperation:
        value = Decimal(-1)
    if not value.is_finite() or value < 0:
        raise ConfigError(f"{text!r} is no amount of dollars: use a number such as 0.05")
    return value
