# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""What the boards say of incidents, on literal rows: the list, one's story, marks and the alert."""

from __future__ import annotations

import re
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from otel_llmcost.dashboards.panels import KIND_COLORS
from tests.dashboards.engine import Engine, engine
from tests.dashboards.files import BOARDS, ROOT, RULES, panel
from tests.dashboards.macros import Panel
from tests.dashboards.rows import EVERYTHING, HOUR, call

NOW = datetime.now(UTC).replace(minute=30, second=0, microsecond=0)
BEGAN = (NOW - 3 * HOUR).replace(minute=0)
HARD = "it's, a \\ loop"


def incident(name: str, began: datetime, seen: datetime, usd: str | None) -> dict[str, Any]:
    return {
        "incident_id": f"id of {name}",
        "anomaly_ids": [f"id of {name}", f"second of {name}"],
        "environment": "prod",
        "feature": name,
        "started_at": began,
        "detected_at": began,
        "last_seen_at": seen,
        "level": "report",
        "kinds": ["loop", "prompt_growth"],
        "cause": "volume",
        "evidence": "40 calls of one session in an hour instead of 7",
        "model": "claude-sonnet-4-5",
        "service_version": "2",
        "version_since": began,
        "excess_usd": None if usd is None else Decimal(usd),
        "parts": {} if usd is None else {"volume": Decimal(usd) - 1, "prompt": Decimal(1)},
        "users": 1,
        "worst_record_id": f"record of {name}",
    }


def anomaly(name: str, kind: str, of: str, usd: str) -> dict[str, Any]:
    return {
        "anomaly_id": name,
        "detected_at": BEGAN,
        "started_at": BEGAN,
        "ended_at": NOW,
        "kind": kind,
        "environment": "prod",
        "feature": of,
        "model": "claude-sonnet-4-5",
        "excess_usd": Decimal(usd),
        "evidence": "as it was seen",
        "worst_record_id": "the worst",
    }


@pytest.fixture(scope="module")
def filled() -> Engine:
    """Two days of two cents an hour, then a session that loops at ten cents a call; and one
    incident of unknown cost, one that is over, one of ten days ago."""
    made = engine()
    calls = [
        call(hours * 10 + n, NOW - hours * HOUR, feature=HARD, service_version="1")
        for hours in range(4, 52)
        for n in range(2)
    ]
    loop = {"session_id": "s1", "trace_id": "t1", "user_id": "ada", "service_version": "2"}
    calls += [
        call(
            9000 + n,
            NOW - HOUR + timedelta(seconds=n),
            feature=HARD,
            cost_usd=Decimal("0.1"),
            call_site="app.py:7",
            **loop,
        )
        for n in range(40)
    ]
    made.insert_calls(calls)
    rows = [
        incident(HARD, BEGAN, NOW, "3.98"),
        incident("unknown", BEGAN, NOW, None),
        incident("over", NOW - 60 * HOUR, NOW - 50 * HOUR, "2"),
        incident("old", NOW - 240 * HOUR, NOW - 239 * HOUR, "9"),
    ]
    for row in rows:
        made.store.insert("incident_log", [list(row.values())], list(row))
    for row in (
        anomaly(f"id of {HARD}", "prompt_growth", HARD, "1"),
        anomaly(f"second of {HARD}", "loop", HARD, "2.98"),
    ):
        made.store.insert("anomaly_log", [list(row.values())], list(row))
    return made


def rows(engine: Engine, board: str, title: str, **variables: Any) -> list[dict[str, Any]]:
    view = Panel(NOW - 72 * HOUR, NOW, 3600, {**EVERYTHING, **variables})
    return engine.query(view.expand(panel(board, title)["targets"][0]["rawSql"])).rows


def story(engine: Engine, title: str) -> list[dict[str, Any]]:
    return rows(engine, "anomalies", title, incident=f"id of {HARD}")


def test_incidents_of_the_range_are_listed_open_and_expensive_ones_first(filled: Engine) -> None:
    listed = rows(filled, "anomalies", "Incidents")
    assert [(row["feature"], row["state"], row["excess"]) for row in listed] == [
        (HARD, "open", Decimal("3.98")),
        ("unknown", "open", None),
        ("over", "closed", Decimal(2)),
    ]
    assert listed[0]["kind"] == "loop", "the most expensive one"
    overview = rows(filled, "overview", "Most expensive incidents")
    assert [row["incident_id"] for row in overview] == [row["incident_id"] for row in listed]
    assert overview[0]["record_id"] == f"record of {HARD}"
    assert rows(filled, "anomalies", "Incidents", feature=["over"])[0]["feature"] == "over"


def test_the_picker_offers_the_ids_and_says_what_they_are(filled: Engine) -> None:
    [picker] = [
        one
        for one in BOARDS["llmcost-anomalies"]["templating"]["list"]
        if one["name"] == "incident"
    ]
    offered = filled.query(Panel(NOW - HOUR, NOW).expand(picker["query"]["rawSql"])).rows
    assert len(offered) == 4, "also those out of the range: a link may name one"
    assert offered[0]["incident_id"] == f"id of {HARD}"
    assert offered[0]["said"].startswith(f"{HARD} (prod): loop, {BEGAN:%Y-%m-%d %H:%M}, open")


def test_the_story_says_what_why_and_how_to_acknowledge(filled: Engine) -> None:
    facts = {row["name"]: row["content"] for row in story(filled, "The incident")}
    assert facts["what"] == f"loop, prompt_growth in {HARD}, prod"
    assert facts["since"] == f"{BEGAN:%Y-%m-%d %H:%M}; version 2 since {BEGAN:%Y-%m-%d %H:%M}"
    assert facts["excess"] == "3.98 USD"
    assert facts["it is meant"] == f"otel-llmcost incidents ack id of {HARD} --expected"
    parts = story(filled, "Why: parts of the excess")
    assert [(row["part"], row["usd"]) for row in parts] == [
        ("volume", Decimal("2.98")),
        ("prompt", Decimal(1)),
    ]
    lines = story(filled, "Its lines")
    assert [(row["kind"], row["excess"]) for row in lines] == [
        ("loop", Decimal("2.98")),
        ("prompt_growth", Decimal(1)),
    ]


def test_the_commands_that_the_story_shows_are_there(filled: Engine) -> None:
    shown = [
        row["content"] for row in story(filled, "The incident") if "otel-llmcost" in row["content"]
    ]
    assert len(shown) == 2
    for command in shown:
        words = command.split()[1:3]
        done = subprocess.run(
            [sys.executable, "-m", "otel_llmcost.cli", *words, "--help"],
            capture_output=True,
            check=True,
            text=True,
        )
        assert "--expected" in done.stdout


def test_colors_are_of_kinds_that_there_are() -> None:
    """`docs/explanation/detection.md` lists them."""
    page = (ROOT.parent / "docs/explanation/detection.md").read_text()
    kinds = set(re.findall(r"^\| `(\w+)` \|", page, re.MULTILINE))
    assert set(KIND_COLORS) <= kinds


def test_the_actual_cost_is_beside_what_was_usual_at_that_hour_of_the_day(filled: Engine) -> None:
    lines = story(filled, "What it costs an hour, and usually does")
    actual = {row["time"]: row["hour_usd"] for row in lines if row["series"] == "actual"}
    assert sum(actual.values()) == pytest.approx(48 * 0.02 + 40 * 0.1), "all calls, to the cent"
    assert max(actual.values()) == pytest.approx(4)
    for series in ("usual", "usual, low", "usual, high"):
        usual = [row["hour_usd"] for row in lines if row["series"] == series]
        assert usual == pytest.approx([0.02] * len(actual))


def test_the_distribution_distinguishes_a_shift_of_all_from_a_few(filled: Engine) -> None:
    found = story(filled, "Cost of a call, before and since")
    assert [(row["class"], row["share_before"], row["share_since"]) for row in found] == [
        ("from 0.01 USD", 1, 0),
        ("from 0.1 USD", 0, 1),
    ]


def test_its_calls_users_places_traces_and_sessions_add_up(filled: Engine) -> None:
    worst = story(filled, "Worst calls")
    assert len(worst) == 15
    assert all(row["cost_usd"] == Decimal("0.1") for row in worst)
    [user] = story(filled, "Users of the incident")
    assert (user["user_id"], user["call_count"], user["total_usd"]) == ("ada", 40, Decimal(4))
    [site] = story(filled, "Call sites")
    assert (site["site"], site["version"], site["total_usd"]) == ("app.py:7", "2", Decimal(4))
    busiest = story(filled, "Busiest traces and sessions")
    assert sorted((row["trace_id"], row["session_id"], row["call_count"]) for row in busiest) == [
        ("", "s1", 40),
        ("t1", "", 40),
    ]


@pytest.mark.parametrize("board", BOARDS.values(), ids=list(BOARDS))
def test_every_board_marks_incidents_with_kind_and_state(
    filled: Engine, board: dict[str, Any]
) -> None:
    [entry] = [one for one in board["annotations"]["list"] if one["name"] == "Incidents"]
    view = Panel(NOW - 72 * HOUR, NOW, 3600, EVERYTHING)
    marks = filled.query(view.expand(entry["target"]["rawSql"])).rows
    assert {row["title"] for row in marks} == {
        f"{HARD}: loop (open)",
        "unknown: loop (open)",
        "over: loop (closed)",
    }
    assert all(row["time"] <= row["timeEnd"] for row in marks)


def test_the_alert_fires_once_per_open_incident_and_resolves_when_it_is_acknowledged(
    filled: Engine,
) -> None:
    [rule] = [rule for rule in RULES if rule["uid"] == "llmcost_incident"]
    sql = Panel(NOW - 24 * HOUR, NOW).expand_backend(rule["data"][0]["model"]["rawSql"])

    def dollars() -> dict[str, float]:
        return {row["feature"]: float(row["excess_usd"]) for row in filled.query(sql).rows}

    assert dollars() == {HARD: 3.98, "unknown": 0.000001, "over": 0}
    [row] = [row for row in filled.query(sql).rows if row["feature"] == HARD]
    assert row["kind"] == "prompt_growth", "of its first line: the label stays"
    assert int(row["since_ms"]) == (BEGAN - 24 * HOUR).timestamp() * 1000
    filled.store.insert(
        "incident_acks",
        [[f"id of {HARD}", "ada", "acknowledged", "seen"]],
        ["incident_id", "acked_by", "state", "note"],
    )
    assert dollars()[HARD] == 0


def test_the_link_of_the_alert_carries_the_incident_its_time_and_whose_it_is() -> None:
    [rule] = [rule for rule in RULES if rule["uid"] == "llmcost_incident"]
    url = rule["annotations"]["runbook_url"]
    for variable, label in (
        ("var-incident", "incident_id"),
        ("var-environment", "environment"),
        ("var-feature", "feature"),
        ("var-model", "model"),
    ):
        assert f"{variable}={{{{ .Labels.{label} | urlquery }}}}" in url
    assert "from={{ .Labels.since_ms }}&to=now" in url


def test_where_its_environment_has_no_past_all_of_them_are_usual(filled: Engine) -> None:
    """As detection compares."""
    row = incident("elsewhere", BEGAN, NOW, "1") | {"feature": HARD, "environment": "canary"}
    filled.store.insert("incident_log", [list(row.values())], list(row))
    chart = "What it costs an hour, and usually does"
    lines = rows(filled, "anomalies", chart, incident="id of elsewhere")
    usual = [row["hour_usd"] for row in lines if row["series"] == "usual"]
    assert usual == pytest.approx([0.02] * len(usual))
    assert usual
    found = rows(
        filled, "anomalies", "Cost of a call, before and since", incident="id of elsewhere"
    )
    assert [(row["class"], row["share_before"]) for row in found] == [("from 0.01 USD", 1)]
