# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from otel_llmcost.store import open_store
from tests.cli.conftest import Command
from tests.review.provider_reports import anthropic, anthropic_cost, cents
from tests.review.traffic import fill, priced
from tests.serve.running import Running
from tests.support.schema_store import with_schema

pytestmark = pytest.mark.slow

SEPTEMBER = dt.datetime(2026, 9, 12, 10, tzinfo=dt.UTC)
OCTOBER = dt.datetime(2026, 10, 12, 10, tzinfo=dt.UTC)


@pytest.fixture(scope="module")
def daemon(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    running = Running.start(with_schema(tmp_path_factory.mktemp("daemon") / "store"))
    with open_store(f"chdb://{running.store}") as store:  # finds the daemon, and goes through it
        fill(store, [priced(SEPTEMBER), *(priced(OCTOBER, user_id=u) for u in ("ada", "bob"))])
    yield running
    assert running.stop() == 0


@pytest.mark.parametrize(
    "command",
    [
        ("diff", "2026-09", "2026-10", "--format", "json"),
        ("diff", "2026-09", "env:prod,2026-10", "--format", "csv"),
        ("diff", "version:1", "version:2", "--since", "2026-09-01"),
        ("review", "--month", "2026-10", "--format", "json"),
        ("review", "--month", "2026-10", "--format", "html"),
        ("breakeven", "--instance-usd-per-hour", "1", "--tokens-per-second", "9", "--since",
         "2026-10-01", "--until", "2026-11-01", "--format", "json"),
        ("reconcile", "--month", "2026-10", "--format", "json"),
        ("invoices", "list"),
        ("export", "focus", "--month", "2026-10"),
    ],
)  # fmt: skip
def test_every_command_reads_through_a_daemon(
    cli: Command, daemon: Running, command: tuple[str, ...]
) -> None:
    address = daemon.facts["http_url"].removeprefix("http://")
    result = cli(*command, "--url", f"http://reader:@{address}/llmcost")
    assert result.exit_code == 0, result.stderr
    assert "Error" not in result.stderr


def test_invoices_are_imported_through_the_daemon_that_owns_the_store(
    cli: Command, daemon: Running
) -> None:
    cost = Decimal(str(priced(OCTOBER)["cost_usd"]))
    Path("bill.json").write_text(json.dumps(anthropic(anthropic_cost(cents(2 * cost)))))
    url = ("--url", str(daemon.store))
    for _ in "12":
        done = cli("invoices", "import", "bill.json", *url)
        assert done.exit_code == 0, done.stderr
    reported = cli("reconcile", "--month", "2026-10", "--format", "json", *url)
    (row,) = json.loads(reported.stdout)
    assert (row["theirs_usd"], row["likely_cause"]) == (float(2 * cost), "agrees")
