# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""What others reported about wrong costs and counts, replayed here.

docs/explanation/public-reports.md lists it.
"""

from __future__ import annotations

import operator
from decimal import Decimal
from typing import Any

import pytest

from otel_llmcost.pricing import price_response
from otel_llmcost.store import Store
from tests.instrumentation.conftest import Telemetry
from tests.instrumentation.providers_stub import Api, Server
from tests.instrumentation.sdk_http import httpx
from tests.pricing.bill import at
from tests.reports.model import RawHttp, Reply, Report, Rows
from tests.reports.table import PAGE, REPORTS, page
from tests.support.otlp_rows import send


def cases(kind: type) -> Any:
    """A test's cases: the reports that are replayed this way."""
    return pytest.mark.parametrize(
        "report",
        [
            pytest.param(report, id=f"{report.where} {report.says}")
            for report in REPORTS
            if isinstance(report.replay, kind)
        ],
    )


@cases(Reply)
def test_a_reply_costs_what_the_provider_bills(report: Report) -> None:
    replay = report.replay
    assert isinstance(replay, Reply)
    cost = price_response(
        replay.provider, request=replay.request, response=replay.response, at=at(replay.day)
    )
    assert (cost.total, cost.status, cost.reason or "") == (
        report.cost,
        report.status,
        report.reason,
    )


@cases(Rows)
def test_rows_of_other_emitters_are_the_calls_that_were_made(
    embedded_store: Store, report: Report
) -> None:
    assert isinstance(report.replay, Rows)
    send(embedded_store, report.replay.rows)
    embedded_store.refresh()
    found = embedded_store.query(
        "SELECT cost_usd, cost_status, cost_reason FROM llmcost.calls"
    ).rows
    assert len(found) == report.calls
    assert {row[1:] for row in found} == {(report.status, report.reason)}
    amounts: list[Decimal] = [row[0] for row in found if row[0] is not None]
    assert (sum(amounts, Decimal()) if amounts else None) == report.cost


@pytest.mark.usefixtures("no_waiting")
@cases(RawHttp)
def test_requests_are_recorded_as_often_as_they_are_billed(
    telemetry: Telemetry, server: Server, report: Report
) -> None:
    replay = report.replay
    assert isinstance(replay, RawHttp)
    server.queued += [httpx.Response(status, json=body) for status, body in replay.answers]
    api = Api(replay.sdk, False, server)
    for method, arguments in replay.sent:
        operator.attrgetter(method)(api.client)(**arguments)
    assert not server.queued
    record = telemetry.record
    assert record["llmcost.cost.status"] == report.status
    assert record["gen_ai.usage.cost.amount"] == pytest.approx(float(report.billed))


def test_the_page_lists_these_reports() -> None:
    text = PAGE.read_text()
    assert page(text) == text, "run python -m tests.reports.table"
