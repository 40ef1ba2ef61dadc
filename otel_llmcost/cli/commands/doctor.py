# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""`otel-llmcost doctor`."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import click

from otel_llmcost.cli import daemon, options, render, target
from otel_llmcost.config import Config
from otel_llmcost.doctor import routes
from otel_llmcost.doctor.checks import CHECKS, Finding
from otel_llmcost.doctor.routes import Route
from otel_llmcost.errors import LLMCostError
from otel_llmcost.reports import Column, Report, Window, trust
from otel_llmcost.reports.formatting import count, share, usd
from otel_llmcost.reports.retiring import retiring, sentence
from otel_llmcost.store import damage
from otel_llmcost.timezones import VARIABLE, name_of

if TYPE_CHECKING:
    from otel_llmcost.store import Store

_COLUMNS = (Column("check"), Column("state"), Column("found"), Column("fix"))
_PATIENCE = 15.0


@click.command("doctor")
@click.option(
    "--send",
    is_flag=True,
    help="Send a test record (it costs $0) as the app would, and find it stored.",
)
@click.option("--endpoint", metavar="URL", help="OTLP/HTTP endpoint to send it to instead.")
@options.with_format
@options.with_url
def command(send: bool, endpoint: str | None, output: options.Format, url: str | None) -> None:
    """Check the way from an app started in this shell to the store, and say what to fix.

    Exit 1 when something fails; warnings are not failures.
    """
    findings = [finding for check in CHECKS for finding in check(os.environ)]
    findings += _store_findings(url, endpoint, send=send)
    rows = [(f.check, f.state, f.found, f.fix) for f in findings]
    render.emit(Report(title="Doctor", columns=_COLUMNS, rows=rows), output)
    if any(finding.state == "fail" for finding in findings):
        raise SystemExit(1)


def _store_findings(url: str | None, endpoint: str | None, *, send: bool) -> Iterable[Finding]:
    path = target.local_path(target.store_url(url))
    facts = daemon.facts(path) if path else None
    if facts:
        yield Finding("daemon", "ok", f"process {facts['pid']}, page {facts.get('web')}")
        yield _landlock(str(facts.get("landlock", "off: an older version serves")))
        yield from _zone(str(facts.get("timezone", "UTC")))
    elif path:
        fix = f"otel-llmcost serve --store {path}"
        yield Finding("daemon", "fail" if send else "warn", f"no daemon owns {path}", fix)
    try:
        with target.opened(url) as store:
            yield from _schema(store)
            yield from _set_aside(store)
            yield from _records(store, sending=send)
            yield from _retiring(store)
            if send and (facts or not path):
                for route in [routes.at_endpoint(endpoint)] if endpoint else _routes():
                    yield _send(store, route, facts)
    except LLMCostError as error:
        yield Finding("store", "fail" if send else "warn", str(error), "see --url")


def _routes() -> list[Route]:
    """What the app would send through; console and the like reach no store."""
    return [route for route in routes.routes(os.environ) if route.exporter != "console"]


def _zone(daemons: str) -> Iterable[Finding]:
    shells = name_of(Config.from_env(os.environ).timezone)
    if daemons != shells:
        found = f"the daemon's days are those of {daemons}, this shell's of {shells}"
        yield Finding("time zone", "warn", found, f"start both with the same {VARIABLE}")


def _landlock(state: str) -> Finding:
    if state == "on":
        return Finding("landlock", "ok", "on: the daemon reaches its store only")
    fix = "roles and the statement check still hold; see docs/explanation/threat-model.md"
    return Finding("landlock", "warn", state, fix)


def _schema(store: Store) -> Iterable[Finding]:
    behind = [status.name for status in store.schema_status() if status.state != "applied"]
    if behind:
        found = f"{len(behind)} objects are not up to date, first {behind[0]}"
        yield Finding("schema", "fail", found, "otel-llmcost schema apply")
    else:
        yield Finding("schema", "ok", f"up to date at {store.url}")


def _set_aside(store: Store) -> Iterable[Finding]:
    for part in damage.set_aside(lambda sql: store.query(sql).rows):
        yield Finding("damaged part", "warn", part, "restore a backup, or send the records again")


def _records(store: Store, *, sending: bool) -> Iterable[Finding]:
    week = Window(datetime.now(UTC) - timedelta(days=7))
    report = trust(store.query, week)
    if not report.rows:
        advice = "run your app: `otel-llmcost run -- python app.py`"
        yield Finding("records", "warn", "none in 7 days", advice if sending else report.note or "")
    names = [column.name for column in report.columns]
    for row in report.rows:
        seen = dict(zip(names, row, strict=True))
        found = (
            f"{seen['service'] or 'no service'} ({seen['environment'] or 'no environment'}): "
            f"{count(seen['calls'])} calls in 7 days, {share(seen['priced_share'])} priced, "
            f"{share(seen['tagged_share'])} tagged, {count(seen['lost_records'])} lost"
        )
        unpriced, lost = seen["unpriced_calls"], seen["lost_records"]
        fix = "`otel-llmcost spend --since 7d` names the reasons" if unpriced else ""
        yield Finding("records", "warn" if unpriced or lost else "ok", found, fix)
        if seen["reported_calls"]:
            yield reported_costs(seen)


def reported_costs(seen: Mapping[str, Any]) -> Finding:
    """What a gateway or another emitter reports for the same calls."""
    reported, own = seen["reported_cost_usd"], seen["own_cost_usd"]
    agree = abs(reported - own) <= own / 100
    found = (
        f"{seen['service'] or 'no service'}: {count(seen['reported_calls'])} calls cost "
        f"{usd(reported)} as reported by others, {usd(own)} by the price book"
    )
    fix = "" if agree else "`SELECT * FROM reported_costs` shows the days, servers and models"
    return Finding("reported costs", "ok" if agree else "warn", found, fix)


def _retiring(store: Store) -> Iterable[Finding]:
    now = datetime.now(UTC)
    report = retiring(store.query, Window(now - timedelta(days=30), now))
    used: dict[str, list[dict[str, Any]]] = {}
    for row in report.records():
        used.setdefault(row["model"], []).append(row)
    for model, rows in used.items():
        found = f"in 30 days: {sentence(model, rows, now.date())}"
        yield Finding("retiring model", "warn", found, f"move to {rows[0]['successor']}")
    if not used:
        yield Finding("retiring model", "ok", "none in use in 30 days")


def _send(store: Store, route: Route, facts: Mapping[str, Any] | None) -> Finding:
    from otel_llmcost.doctor import probe

    check = f"test record ({route.signal})"
    try:
        wrong, fix = routes.trouble(route, routes.listener(route), facts)
        if wrong:
            return Finding(check, "fail", wrong, fix)
        record_id = probe.send(route)
    except (LLMCostError, ValueError) as error:
        return Finding(check, "fail", str(error), probe.fix(str(error)))
    # The view `calls` leaves test records out.
    sql = "SELECT count() FROM llmcost.llm_calls WHERE record_id = {id:String}"
    begun = time.monotonic()
    while time.monotonic() - begun < _PATIENCE:
        if store.query(sql, {"id": record_id}).rows[0][0]:
            return Finding(check, "ok", f"{record_id} sent to {route} and stored")
        time.sleep(0.2)
    found = f"{record_id} was accepted by {route} but is not in {store.url}"
    fix = "endpoint and store belong together? the collector's log names rejected inserts"
    return Finding(check, "fail", found, fix)
