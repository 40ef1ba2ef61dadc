# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""A budget that was set by command is obeyed by an application, and its refusal is in the store."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest

from otel_llmcost import BudgetExceeded, feature, uninstrument
from otel_llmcost.instrumentation.budgets import gate
from tests.cli.conftest import Command, cli
from tests.instrumentation.conftest import Telemetry
from tests.instrumentation.providers_stub import Api, Server
from tests.support.daemon_process import Served, daemon
from tests.support.schema_store import with_schema

__all__ = ["cli"]


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with daemon(with_schema(tmp_path_factory.mktemp("budgets") / "store")) as found:
        yield found


def rows(served: Served, sql: str) -> list[dict[str, Any]]:
    """Waits until there is an answer."""
    for _ in range(100):
        if found := served.rows(sql):
            return found
        time.sleep(0.1)
    raise AssertionError(f"no rows: {sql}")


async def test_a_command_sets_it_an_application_obeys_it_the_store_records_it(
    cli: Command, served: Served
) -> None:
    budget = ("budgets", "set", "0.0001", "--for", "feature=search", "--action", "block")
    result = cli(*budget, "--url", f"chdb://{served.store}")
    assert result.exit_code == 0, result.stderr
    gate.forget()
    Telemetry().on(
        otlp_endpoint=served.otlp_http,
        budgets=True,
        budgets_url=served.url.replace("http://", "http://reader@"),
    )
    try:
        budgets = gate._shared  # pyright: ignore[reportPrivateUsage]
        assert budgets is not None
        budgets.refresh()
        api = Api("anthropic", False, Server())
        with feature("other"):
            await api.create()
        with feature("search"), pytest.raises(BudgetExceeded, match=r"of \$0\.0001"):
            await api.create()
    finally:
        uninstrument()
        gate.forget()
    (decision,) = rows(served, "SELECT * FROM llmcost.budget_decisions")
    assert (decision["decision"], decision["feature"]) == ("blocked", "search")
    assert float(decision["estimate_usd"]) > 0.0001
    (call,) = rows(served, "SELECT feature FROM llmcost.llm_calls")
    assert call["feature"] == "other"
