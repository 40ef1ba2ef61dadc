# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""What can be known about a board without a Grafana: every rule is a way boards break."""

from __future__ import annotations

import re
import subprocess
import sys
from itertools import combinations
from typing import Any

import pytest

from tests.dashboards.files import BOARDS, PANELS, ROOT, RULES, title

PLUGIN = "grafana-clickhouse-datasource"
VIEWS = {"spend_1h", "spend_top_calls", "cache_efficiency", "anomalies_token_blowup", "trust"}
MACROS = {"$__timeFilter", "$__timeInterval", "$__fromTime", "$__toTime", "$__conditionalAll"}

each_board = pytest.mark.parametrize("board", BOARDS.values(), ids=list(BOARDS))
each_panel = pytest.mark.parametrize("panel", PANELS, ids=title)


def statements() -> list[tuple[str, str]]:
    return [(path.name, path.read_text()) for path in sorted((ROOT / "queries").rglob("*.sql"))]


each_query = pytest.mark.parametrize(
    "sql", [pytest.param(sql, id=name) for name, sql in statements()]
)


def test_the_generated_files_are_what_the_sources_say() -> None:
    done = subprocess.run(
        [sys.executable, ROOT / "src" / "build.py", "--check"], capture_output=True, text=True
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_every_query_file_is_used() -> None:
    used = {target["rawSql"] for panel in PANELS for target in panel["targets"]}
    used |= {query["model"].get("rawSql") for rule in RULES for query in rule["data"]}
    for name, sql in statements():
        body = [line for line in sql.splitlines() if not line.startswith("--")]
        assert "\n".join(body).strip() in used, name


@each_board
def test_a_board_is_found_by_a_stable_uid_and_cannot_be_edited_in_place(
    board: dict[str, Any],
) -> None:
    assert re.fullmatch(r"llmcost-[a-z0-9-]{1,32}", board["uid"])
    assert board["id"] is None
    assert board["editable"] is False
    assert board["timezone"] == "utc"
    assert board["schemaVersion"] <= 42


@each_board
def test_panel_ids_are_unique_and_panels_do_not_overlap(board: dict[str, Any]) -> None:
    ids = [panel["id"] for panel in board["panels"]]
    assert len(set(ids)) == len(ids) <= 20
    for one, other in combinations([panel["gridPos"] for panel in board["panels"]], 2):
        apart = (
            one["x"] + one["w"] <= other["x"]
            or other["x"] + other["w"] <= one["x"]
            or one["y"] + one["h"] <= other["y"]
            or other["y"] + other["h"] <= one["y"]
        )
        assert apart, (one, other)


@each_panel
def test_a_panel_says_what_it_answers_from_which_view_and_in_which_unit(
    panel: dict[str, Any],
) -> None:
    views = set(re.findall(r"llmcost\.(\w+)", panel["targets"][0]["rawSql"]))
    assert "? " in panel["description"]
    assert any(view in panel["description"] for view in views)
    assert panel["fieldConfig"]["defaults"]["unit"]


@each_panel
def test_a_panel_asks_the_data_source_the_reader_chose(panel: dict[str, Any]) -> None:
    chosen = {"type": PLUGIN, "uid": "${ds}"}
    assert panel["datasource"] == chosen
    assert all(target["datasource"] == chosen for target in panel["targets"])
    assert len({target["refId"] for target in panel["targets"]}) == len(panel["targets"])
    # The backend obeys `format`: 0 for a time series, 1 for everything else.
    assert all(
        target["format"] == (0 if panel["type"] == "timeseries" else 1)
        for target in panel["targets"]
    )


@each_panel
def test_bars_begin_at_zero(panel: dict[str, Any]) -> None:
    if panel["type"] in ("bargauge", "timeseries"):
        assert panel["fieldConfig"]["defaults"]["min"] == 0


@each_panel
def test_the_shape_of_a_query_fits_its_panel(panel: dict[str, Any]) -> None:
    for target in panel["targets"]:
        sql = target["rawSql"]
        if panel["type"] == "timeseries":
            assert re.search(r" AS time\b", sql)
            assert re.search(r"^ORDER BY time\b", sql, re.MULTILINE), (
                "the plugin refuses other orders"
            )
        elif panel["type"] != "stat":
            assert re.search(r"\nLIMIT \d+$", sql)


@each_panel
def test_a_table_names_every_column_of_its_query_in_order(panel: dict[str, Any]) -> None:
    if panel["type"] == "table":
        named = [rule["matcher"]["options"] for rule in panel["fieldConfig"]["overrides"]]
        select = panel["targets"][0]["rawSql"].split("FROM")[0].removeprefix("SELECT")
        assert named == [column.split()[-1] for column in select.split(",")]


@each_query
def test_a_query_uses_only_what_the_plugin_knows(sql: str) -> None:
    used = set(re.findall(r"\$__\w+", sql))
    assert used <= MACROS
    assert "SELECT *" not in sql
    # A bare $variable of a multi-value picker is pasted unescaped; `${x:singlequote}` is not.
    variables = set(re.findall(r"\$\{[^}]*\}", sql))
    assert variables <= {"${environment:singlequote}", "${feature:singlequote}"}
    bare = re.sub(r"\$__conditionalAll\(\w+ IN \(\$\{(\w+):singlequote\}\), \$\1\)", "", sql)
    assert not re.search(r"\$(?!__)", bare)


@each_query
def test_a_query_reads_only_views(sql: str) -> None:
    read = set(re.findall(r"(?:FROM|JOIN)\s+([\w.]+)", sql)) - {"top"}
    assert read <= {f"llmcost.{view}" for view in VIEWS}


@each_query
def test_no_macro_hides_in_a_comment(sql: str) -> None:
    """Plugin versions before 4.20 expand macros inside comments, and then fail."""
    assert not any("$" in line for line in sql.splitlines() if line.lstrip().startswith("--"))


@each_board
def test_variables_follow_the_range_and_never_paste_unescaped_values(board: dict[str, Any]) -> None:
    variables = {variable["name"]: variable for variable in board["templating"]["list"]}
    assert variables["ds"]["query"] == PLUGIN
    for name in ("environment", "feature"):
        variable = variables[name]
        assert variable["refresh"] == 2
        assert variable["includeAll"]
        assert variable["multi"]
        assert "allValue" not in variable, "a custom All value is pasted raw"
