# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Whatever a variable holds is a value: found when it is stored, never a part of the query."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.dashboards.engine import Engine, engine
from tests.dashboards.files import BOARDS, PANELS, panel
from tests.dashboards.macros import TEXTS, Panel

pytestmark = pytest.mark.slow

NOW = datetime.now(UTC).replace(minute=30, second=0, microsecond=0)
SINCE = NOW - timedelta(hours=3)
FILTERS = ("environment", "service", "feature", "model", "team")

HOSTILE = [
    "CORP\\nina",
    "ends in \\",
    "x\\' OR 1=1 -- ",
    "it's",
    "'",
    "\\",
    "\\'",
    "''",
    'say "hi" `now`',
    "a, b) OR (1=1",
    "{braces}",
    "$__timeFilter(ts)",
    "${feature}",
    "$& $' $$",
    "100% -- /* off */ ; #",
    "two\nlines\tand a tab",
    "naïve 模型 😀",
    "a+b c%20d&e=f",
]
ANNOTATIONS = {
    target["rawSql"]
    for board in BOARDS.values()
    for note in board["annotations"]["list"]
    for target in [note["target"]]
}
QUERIES = {
    **{f"{shown['title']}": target["rawSql"] for shown in PANELS for target in shown["targets"]},
    **{f"annotation {number}": sql for number, sql in enumerate(sorted(ANNOTATIONS))},
}


def called(name: str, number: int) -> dict[str, Any]:
    """A cent's call whose every name is `name`."""
    return {
        "ts": NOW - timedelta(hours=1),
        "record_id": f"{number:032x}",
        "trace_id": f"{number:032x}",
        "session_id": name,
        "user_id": name,
        **dict.fromkeys(FILTERS, name),
        "provider": "anthropic",
        "mode": "standard",
        "operation": "chat",
        "source": "otel_llmcost",
        "replies": 1,
        "input_tokens": 100,
        "uncached_input_tokens": 100,
        "output_tokens": 10,
        "cost_usd": "0.01",
        "cost_status": "priced",
        "duration_ms": 1200,
    }


@pytest.fixture(scope="module")
def filled() -> Engine:
    """One call for each hostile name, and one of a plain name."""
    made = engine()
    made.insert_calls([called(name, number) for number, name in enumerate([*HOSTILE, "plain"], 1)])
    return made


def view(name: str | None, **more: str) -> Panel:
    """Every picker set to `name`."""
    pickers = dict.fromkeys(FILTERS, None if name is None else [name])
    return Panel(SINCE, NOW, 3600, {**pickers, **more})


def test_the_three_quoting_formats_of_grafana_are_not_safe() -> None:
    """Why the boards use none: the value ends the string early, or it never ends."""
    for sql, value in (
        ("${user_id:singlequote}", "x\\' OR 1=1 -- "),
        ("${user_id:sqlstring}", "x\\' OR 1=1 -- "),
        ("${user_id:singlequote}", "ends in \\"),
    ):
        written = view(None, user_id=value).expand(sql)
        assert "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'" != written


def in_query(sql: str, names: Iterable[str]) -> list[str]:
    return [name for name in names if f"${{{name}:" in sql]


@pytest.mark.parametrize("query", [q for q, sql in QUERIES.items() if in_query(sql, FILTERS)])
def test_pickers_of_names_that_are_not_stored_find_nothing(filled: Engine, query: str) -> None:
    def found(names: list[str]) -> list[dict[str, Any]]:
        pickers = Panel(SINCE, NOW, 3600, dict.fromkeys(FILTERS, names))
        return filled.query(pickers.expand(QUERIES[query])).rows

    hostile = [f"no {name}" for name in HOSTILE]
    assert found(hostile) == found(["no one's"])


@pytest.mark.parametrize("query", [q for q, sql in QUERIES.items() if in_query(sql, TEXTS)])
def test_a_box_with_a_text_that_is_not_stored_finds_nothing(filled: Engine, query: str) -> None:
    def found(text: str) -> list[dict[str, Any]]:
        boxes = dict.fromkeys(in_query(QUERIES[query], TEXTS), text)
        return filled.query(view(None, **boxes).expand(QUERIES[query])).rows

    nothing = found("no one's")
    for hostile in HOSTILE:
        assert found(f"no {hostile}") == nothing, hostile


@pytest.mark.parametrize("hostile", HOSTILE)
def test_a_stored_value_is_found_and_no_other(filled: Engine, hostile: str) -> None:
    shown = panel("explorer", "Calls")["targets"][0]["rawSql"]
    spend = panel("overview", "Spend")["targets"][0]["rawSql"]
    [call] = filled.query(view(hostile).expand(shown)).rows
    assert call["feature"] == hostile
    for box in ("user_id", "session_id"):
        [call] = filled.query(view(None, **{box: hostile}).expand(shown)).rows
        assert call[box] == hostile
    for picker in FILTERS:
        one = Panel(
            NOW - timedelta(hours=3), NOW, 3600, {**view(None).variables, picker: [hostile]}
        )
        [row] = filled.query(one.expand(spend)).rows
        assert float(row["spend_usd"]) == pytest.approx(0.01)


def test_a_name_with_a_comma_is_one_name_and_not_its_parts(filled: Engine) -> None:
    spend = panel("overview", "Spend")["targets"][0]["rawSql"]
    pickers = {**view(None).variables, "feature": ["plain,it's", "'"]}
    rows = filled.query(Panel(SINCE, NOW, 3600, pickers).expand(spend)).rows
    assert sum(float(row["spend_usd"]) for row in rows) == pytest.approx(0.01)


def test_several_values_are_each_found(filled: Engine) -> None:
    shown = panel("explorer", "Calls")["targets"][0]["rawSql"]
    chosen = [HOSTILE[0], HOSTILE[2], "plain"]
    pickers = {**view(None).variables, "feature": chosen}
    rows = filled.query(Panel(SINCE, NOW, 3600, pickers).expand(shown)).rows
    assert sorted(row["feature"] for row in rows) == sorted(chosen)


@pytest.mark.parametrize("name", list(BOARDS))
def test_a_picker_offers_hostile_names_as_they_are(filled: Engine, name: str) -> None:
    [feature] = [one for one in BOARDS[name]["templating"]["list"] if one["name"] == "feature"]
    rows = filled.query(view(None).expand(feature["query"]["rawSql"])).rows
    assert {row["name"] for row in rows} == {*HOSTILE, "plain"}
