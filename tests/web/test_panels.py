# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Every value on a page equals independent SQL over `calls`, for the same range and filters."""

from __future__ import annotations

import csv
import io
import itertools
import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from html import unescape
from typing import Any
from urllib.parse import unquote

import pytest
from starlette.testclient import TestClient

from otel_llmcost.store import Store
from tests.cli.calls import add, call
from tests.web.panels import OTHERWISE, PAGES, PANELS, Panel

pytestmark = pytest.mark.slow

HOSTILE = 'it\'s \\ a&b="c" <i> {x:String}'
FIRST = (datetime.now(UTC) - timedelta(days=13)).replace(hour=0, minute=0, second=0, microsecond=0)
SINCE, UNTIL = FIRST, FIRST + timedelta(days=12)
RANGE = f"from={SINCE:%Y-%m-%d}&to={UNTIL - timedelta(days=1):%Y-%m-%d}"
FILTERS = {
    "": "1",
    "feature=chat&not-user=eve": "feature = 'chat' AND user_id != 'eve'",
    "model=m-1&environment=prod": "model = 'm-1' AND environment = 'prod'",
}


@pytest.fixture
def filled(embedded_store: Store) -> Store:
    """Two weeks of calls by three features, two models and three users, some without a price."""
    names = ("chat", "search", HOSTILE)
    combinations = list(itertools.product(names, ("m-1", "m-2"), ("ada", "eve", "")))
    calls = [
        call(
            ts=FIRST + timedelta(days=day, hours=n, minutes=7 * n),
            usd=None if (n + day) % 11 == 0 else f"0.{n + 1:02}{day + 1:02}0000000{n % 10}",
            feature=feature,
            model=model,
            user_id=user,
            input_tokens=1000 + 10 * n + day,
            uncached_input_tokens=250 + n,
            cache_read_tokens=750 + 9 * n + day,
            cache_write_tokens=n,
            output_tokens=100 + day,
            reasoning_tokens=n,
            duration_ms=900 + 100 * n + day,
            resend_count=n % 3,
            error_type="timeout" if n % 7 == 0 else "",
        )
        for day in (-1, 0, 3, 6, 11, 12)
        for n, (feature, model, user) in enumerate(combinations)
    ]
    add(embedded_store, *calls)
    return embedded_store


def rows_of(page: TestClient, panel: Panel, wanted: str) -> list[dict[str, str]]:
    joined = "&" if "?" in panel.path else "?"
    reply = page.get(f"{panel.path}{joined}{RANGE}&csv={panel.name}&{wanted}")
    assert reply.status_code == 200, reply.text
    return list(csv.DictReader(io.StringIO(reply.text)))


def shown(panel: Panel, rows: list[dict[str, str]]) -> dict[tuple[str, ...], dict[str, str]]:
    """Cells by key: of a chart by day and name, of a table by its key columns."""
    if not panel.is_chart:
        key = len(panel.keys)
        return {
            tuple(plain(value) for value in list(row.values())[:key])
            if panel.keys != ("record_id",)
            else (row["record_id"],): {name: row[name] for name in panel.values}
            for row in rows
        }
    [name] = panel.values
    return {
        (row["start"][:10], plain(column) if panel.keys[1] else ""): {name: row[column]}
        for row in rows
        for column in row
        if column not in ("start", "the time before") and row[column]
    }


def plain(text: str) -> str:
    """A name as it is stored; of a point in time the day."""
    text = text.removeprefix("'") if text[:2] in ("'=", "'+", "'-", "'@") else text
    text = text[:10] if re.fullmatch(r"\d{4}-\d\d-\d\dT[\d:]+Z", text) else text
    return "" if text == "(none)" else text


def expected(store: Store, panel: Panel, where: str) -> dict[tuple[str, ...], dict[str, Any]]:
    keys = [key or "''" for key in panel.keys]
    columns = [f"toString({key}) AS key_{n}" for n, key in enumerate(keys)]
    columns += [f"{text} AS value_{n}" for n, text in enumerate(panel.values.values())]
    found = store.query(
        f"SELECT {', '.join(columns)} FROM llmcost.calls "
        f"WHERE ts >= '{SINCE:%Y-%m-%d}' AND ts < '{UNTIL:%Y-%m-%d}' AND {where} "
        f"GROUP BY {', '.join(f'key_{n}' for n in range(len(keys)))}"
    ).rows
    return {
        tuple(row[: len(keys)]): dict(zip(panel.values, row[len(keys) :], strict=True))
        for row in found
    }


def agree(text: str, value: Any) -> bool:
    """To the last digit for money and counts; rates are doubles."""
    if value is None or not text:
        return value is None and not text
    if isinstance(value, float):
        return float(text) == pytest.approx(value, rel=1e-9)
    return Decimal(text) == Decimal(value)


@pytest.mark.parametrize("panel", PANELS, ids=lambda panel: f"{panel.path} {panel.name}")
def test_every_value_of_a_panel_equals_sql_over_calls(
    page: TestClient, filled: Store, panel: Panel
) -> None:
    for wanted, where in FILTERS.items():
        given = shown(panel, rows_of(page, panel, wanted))
        right = expected(filled, panel, where)
        if panel.is_chart:  # a chart has no column for what is unknown all the time
            right = {key: row for key, row in right.items() if None not in row.values()}
        if panel.keys == ("record_id",):  # the ten most expensive calls
            right = {key: right[key] for key in given}
        assert given.keys() == right.keys(), wanted
        for key, cells in given.items():
            for name, text in cells.items():
                assert agree(text, right[key][name]), (wanted, key, name, text, right[key][name])


@pytest.mark.parametrize("path", PAGES)
def test_every_panel_of_these_pages_is_held_by_a_test(
    page: TestClient, filled: Store, path: str
) -> None:
    html = page.get(f"{path}{'&' if '?' in path else '?'}{RANGE}").text
    offered = set(re.findall(r"csv=([\w-]+)", unescape(html)))
    name = path.partition("?")[0]
    held = {panel.name for panel in PANELS if panel.path.partition("?")[0] == name}
    held |= {other for own, other in OTHERWISE if own == name}
    assert offered
    assert offered <= held


def test_what_changed_adds_up_to_the_change(page: TestClient, filled: Store) -> None:
    since = SINCE + timedelta(days=6)
    range_ = f"from={since:%Y-%m-%d}&to={UNTIL - timedelta(days=1):%Y-%m-%d}"
    reply = page.get(f"/why?{range_}&csv=waterfall")
    [first, *steps, last] = [
        Decimal(row["amount_usd"]) for row in csv.DictReader(io.StringIO(reply.text))
    ]
    assert first + sum(steps) == last
    day = f"{since:%Y-%m-%d}"
    [(before, now)] = filled.query(
        f"SELECT sumIf(cost_usd, ts < '{day}'), sumIf(cost_usd, ts >= '{day}') "
        f"FROM llmcost.calls WHERE ts >= '{SINCE:%Y-%m-%d}' AND ts < '{UNTIL:%Y-%m-%d}'"
    ).rows
    assert (first, last) == (before, now)
    assert steps


def test_the_sql_of_a_panel_returns_what_the_panel_shows(page: TestClient, filled: Store) -> None:
    html = page.get(f"/explore?by=model&as=table&{RANGE}").text
    [link] = re.findall(
        r'href="/sql\?q=([^"]*)" aria-label="SQL of Spend by model, in total"', html
    )
    found = filled.query(unquote(unescape(link)))
    rows = [dict(zip(found.columns, row, strict=True)) for row in found.rows]
    panel = Panel("/explore?by=model&as=table", "0", ("model",), {"cost_usd": "sum(cost_usd)"})
    given = {
        key[0]: Decimal(row["cost_usd"])
        for key, row in shown(panel, rows_of(page, panel, "")).items()
    }
    assert {row["name_1"]: row["measure_0"] for row in rows} == given
