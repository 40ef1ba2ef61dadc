# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""What can be known about a board without a Grafana: every rule is a way boards break."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from itertools import combinations
from typing import Any

import pytest

from otel_llmcost.dashboards import panels
from tests.dashboards.files import BOARDS, PANELS, RULES, SHOWN, Shown, title

PLUGIN = "grafana-clickhouse-datasource"
VIEWS = {
    "incidents",
    "bill_lines",
    "budget_status",
    "cache_efficiency",
    "daily_calls",
    "finish_reasons",
    "calls",
    "candidate_models",
    "change_between",
    "outcome_costs",
    "savings",
    "hourly_spend",
    "trust",
    "daily_units",
    "daily_users",
    "anomalies",
    "what_if_model",
}
# Tables that no view stands before: how the store does, raw spans, what may be chosen.
TABLES = {
    "explorer/trace.sql": {"llmcost.otel_traces"},
    "pipeline/price_books.sql": {"llmcost.prices"},
    "pipeline/rejected.sql": {"llmcost.rejected"},
    "pipeline/storage.sql": {"system.parts"},
    "shared/deploys.sql": {"llmcost.llm_calls"},
    "shared/price_changes.sql": {"llmcost.prices", "llmcost.hourly_spend"},
}
FILTERS = ["environment", "service", "feature", "model", "team"]
MACROS = {
    "$__timeFilter",
    "$__timeInterval",
    "$__interval_s",
    "$__fromTime",
    "$__toTime",
    "$__conditionalAll",
    "$__adHocFilters",
}

each_board = pytest.mark.parametrize("board", BOARDS.values(), ids=list(BOARDS))
each_panel = pytest.mark.parametrize("panel", PANELS, ids=title)
each_shown = pytest.mark.parametrize("shown", SHOWN, ids=lambda s: f"{s.board}: {title(s.panel)}")


def statements() -> list[tuple[str, str]]:
    folder = panels.QUERIES
    return [
        (str(path.relative_to(folder)), path.read_text()) for path in sorted(folder.rglob("*.sql"))
    ]


each_query = pytest.mark.parametrize(
    ("name", "sql"), [pytest.param(name, sql, id=name) for name, sql in statements()]
)


def written_out(sql: str) -> str:
    """The statement as boards hold it."""
    return panels.sql(sql.removesuffix(".sql"))


def test_the_generated_files_are_what_the_sources_say() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "otel_llmcost.dashboards", "--check"], capture_output=True, text=True
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_every_query_file_is_used() -> None:
    used = {target["rawSql"] for panel in PANELS for target in panel["targets"]}
    for board in BOARDS.values():
        used |= {entry["target"]["rawSql"] for entry in board["annotations"]["list"]}
        used |= {
            variable["query"]["rawSql"]
            for variable in board["templating"]["list"]
            if variable["type"] == "query"
        }
    used |= {query["model"].get("rawSql") for rule in RULES for query in rule["data"]}
    for name, _ in statements():
        assert written_out(name) in used, name


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


@each_shown
def test_a_panel_says_what_it_answers_from_which_view_and_in_which_unit(shown: Shown) -> None:
    panel = shown.panel
    views = set(re.findall(r"(?:llmcost|system)\.(\w+)", panel["targets"][0]["rawSql"]))
    question, _, rest = panel["description"].partition("? ")
    assert question, "a question, then how it is answered and what to beware of"
    assert any(view in rest for view in views)
    assert panel["type"] == "traces" or panel["fieldConfig"]["defaults"]["unit"]


@each_panel
def test_a_panel_queries_the_data_source_the_reader_chose(panel: dict[str, Any]) -> None:
    chosen = {"type": PLUGIN, "uid": "${ds}"}
    assert panel["datasource"] == chosen
    assert all(target["datasource"] == chosen for target in panel["targets"])
    assert len({target["refId"] for target in panel["targets"]}) == len(panel["targets"])
    # The backend obeys `format`: 0 for a time series, 3 for a trace, 1 for everything else.
    trend = panel["options"].get("graphMode") == "area"
    expected = 0 if trend else {"timeseries": 0, "traces": 3}.get(panel["type"], 1)
    assert all(target["format"] == expected for target in panel["targets"])


@each_panel
def test_bars_begin_at_zero(panel: dict[str, Any]) -> None:
    defaults = panel["fieldConfig"]["defaults"]
    logarithmic = "scaleDistribution" in defaults.get("custom", {})
    if panel["type"] in ("bargauge", "timeseries") and not logarithmic:
        assert defaults["min"] == 0


@each_panel
def test_the_shape_of_a_query_fits_its_panel(panel: dict[str, Any]) -> None:
    for target in panel["targets"]:
        sql = target["rawSql"]
        if target["format"] == 0:
            assert re.search(r"(?: AS|^SELECT) time\b", sql, re.MULTILINE)
            assert re.search(r"^ORDER BY time\b", sql, re.MULTILINE), (
                "the plugin refuses other orders"
            )
        elif panel["type"] != "stat":
            assert re.search(r"\nLIMIT \d+(\nSETTINGS .+)?$", sql)


@each_query
def test_a_query_uses_only_what_the_plugin_has(name: str, sql: str) -> None:
    sql = written_out(name)
    assert set(re.findall(r"\$__\w+", sql)) <= MACROS
    assert "SELECT *" not in sql.split("FROM")[0]
    # Whatever a reader can choose or type comes percent-encoded, between quotes.
    sql = re.sub(r"'\$\{\w+:(percentencode|customqueryparam:v)\}'", "", sql)
    # The second argument of $__conditionalAll names a variable, and is not pasted.
    sql = re.sub(rf", \$({'|'.join(FILTERS)})\)", ")", sql)
    assert not re.search(r"\$(?!__)", sql)


@each_query
def test_a_value_with_dashes_hides_no_macro(name: str, sql: str) -> None:
    """The plugin takes `--` in a value for a comment, and leaves the line's macros as they are."""
    for line in written_out(name).splitlines():
        _, *after = re.split(r":(?:percentencode|customqueryparam:v)\}", line, maxsplit=1)
        macros = set(re.findall(r"\$__\w+", "".join(after))) - {"$__conditionalAll"}
        assert not macros, line


@each_board
def test_where_there_are_ad_hoc_filters_every_query_takes_them(board: dict[str, Any]) -> None:
    """Else the plugin guesses where they belong, and leaves them out where it cannot."""
    filtered = any(variable["type"] == "adhoc" for variable in board["templating"]["list"])
    for panel in board["panels"]:
        for target in panel["targets"]:
            ends = target["rawSql"].endswith("SETTINGS $__adHocFilters('llmcost.calls')")
            assert ends == filtered, panel["title"]


@each_query
def test_a_query_reads_only_views(name: str, sql: str) -> None:
    read = set(re.findall(r"(?:FROM|JOIN)\s+((?:llmcost|system)\.\w+)", sql))
    assert read
    assert read <= TABLES.get(name, {f"llmcost.{view}" for view in VIEWS})


@each_query
def test_no_macro_hides_in_a_comment(name: str, sql: str) -> None:
    """Plugin versions before 4.20 expand macros inside comments, and then fail."""
    assert sql.startswith("-- ")
    assert not any("$" in line for line in sql.splitlines() if line.lstrip().startswith("--"))


def test_a_call_is_two_clicks_from_the_overview() -> None:
    """Overview -> call, and overview -> feature -> trace."""

    def leads_to(board: str) -> set[str]:
        text = json.dumps(BOARDS[f"llmcost-{board}"]["panels"])
        return set(re.findall(r"/d/(llmcost-\w+)\?var-(\w+)=", text))

    assert ("llmcost-explorer", "record_id") in leads_to("overview")
    assert ("llmcost-feature", "feature") in leads_to("overview")
    assert ("llmcost-explorer", "trace_id") in leads_to("feature")
    boxes = {v["name"] for v in BOARDS["llmcost-explorer"]["templating"]["list"]}
    for board in BOARDS:
        for target, variable in leads_to(board.removeprefix("llmcost-")):
            assert target in BOARDS
            assert target != "llmcost-explorer" or variable in boxes


@each_shown
def test_an_empty_panel_says_what_that_means(shown: Shown) -> None:
    said = shown.panel["fieldConfig"]["defaults"].get("noValue")
    assert said or shown.panel["type"] == "traces", "else Grafana says No data"


@each_shown
def test_money_ratios_and_times_have_fixed_decimals(shown: Shown) -> None:
    fields = [shown.panel["fieldConfig"]["defaults"]] + [
        {rule["id"]: rule["value"] for rule in override["properties"]}
        for override in shown.panel["fieldConfig"]["overrides"]
    ]
    for field in fields:
        if field.get("unit") in ("currencyUSD", "percentunit", "ms"):
            assert "decimals" in field


@each_shown
def test_no_two_series_look_alike(shown: Shown) -> None:
    """Colors that are fixed by name may be shared by names of one meaning only."""
    if shown.panel["type"] != "timeseries" or shown.panel["title"] == "How calls end":
        return
    colors = [
        rule["value"]["fixedColor"]
        for override in shown.panel["fieldConfig"]["overrides"]
        for rule in override["properties"]
        if rule["id"] == "color"
    ]
    assert colors
    assert len(set(colors)) == len(colors)


@each_shown
def test_a_link_escapes_the_name_it_carries(shown: Shown) -> None:
    urls = re.findall(r'"url": "([^"]+)"', json.dumps(shown.panel))
    for url in urls:
        assert re.search(r"=\$\{__data\.fields\.\w+:percentencode\}&", url)
        assert "${__url_time_range}" in url
        assert "${ds:queryparam}" in url


@each_shown
def test_an_unknown_cost_says_so_in_a_table(shown: Shown) -> None:
    """A NULL would be an empty cell, which reads as nothing was spent."""
    for override in shown.panel.get("fieldConfig", {}).get("overrides", []):
        said = {rule["id"]: rule["value"] for rule in override["properties"]}
        if shown.panel["type"] == "table" and said.get("unit") == "currencyUSD":
            assert said["noValue"] == "unknown"


@each_board
def test_variables_follow_the_range_and_never_paste_unescaped_values(board: dict[str, Any]) -> None:
    variables = {variable["name"]: variable for variable in board["templating"]["list"]}
    assert variables["ds"]["query"] == PLUGIN
    for name in FILTERS:
        variable = variables[name]
        assert variable["refresh"] == 2
        assert variable["includeAll"]
        assert variable["multi"]
        assert "allValue" not in variable, "a custom All value is pasted raw"
