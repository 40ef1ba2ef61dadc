# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Every notice is sent once, whatever happens to the receiver or to us."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from otel_llmcost.cli.app import app
from otel_llmcost.detection.acks import acknowledge
from otel_llmcost.detection.look import update
from otel_llmcost.errors import ConfigError
from otel_llmcost.serve.receivers import Receiver
from otel_llmcost.serve.watch import Watch
from otel_llmcost.store import Store
from tests.cli.calls import add, blown_up, call
from tests.detection.lines import line
from tests.support.embedded import store_directory
from tests.watch.conftest import Listener
from tests.watch.rows import anomaly

pytestmark = pytest.mark.slow


def budget(store: Store, usd: str) -> None:
    row = {"name": "all", "scope": "total", "period": "month", "amount_usd": Decimal(usd)}
    store.insert("budgets", [list(row.values())], list(row))


def watching(store: Store, listener: Listener, **more: Any) -> Watch:
    return Watch(store, [Receiver("webhook", listener.url)], **more)


def later(minutes: float) -> datetime:
    return datetime.now(UTC) + timedelta(minutes=minutes)


def test_an_empty_store_reports_nothing(embedded_store: Store, listener: Listener) -> None:
    assert watching(embedded_store, listener).look() == 0
    assert listener.requested == 0


def test_an_incident_is_reported_once_with_its_dollars_and_cause(
    embedded_store: Store, listener: Listener
) -> None:
    anomaly(embedded_store)
    watch = watching(embedded_store, listener)
    assert [watch.look(), watch.look(later(10)), watch.look(later(50))] == [1, 0, 0]
    (reported,) = listener.heard
    assert reported["kind"] == "incident_new"
    assert reported["title"] == "$12.50 extra: prompt growth in support"
    assert "Cause: prompt" in reported["text"]
    assert Decimal(reported["facts"]["excess_usd"]) == Decimal("12.5")
    assert reported["facts"]["worst_record_id"] == "r1"


def test_an_incident_of_unknown_cost_is_not_reported_as_zero(
    embedded_store: Store, listener: Listener
) -> None:
    anomaly(embedded_store, excess_usd=None, parts={})
    watching(embedded_store, listener).look()
    assert listener.heard[0]["title"].startswith("cost unknown")
    assert "Cost: unknown" in listener.heard[0]["text"]
    assert "$" not in listener.heard[0]["text"]
    assert listener.heard[0]["facts"]["excess_usd"] is None


def test_what_began_and_ended_unseen_is_reported_as_over(
    embedded_store: Store, listener: Listener
) -> None:
    anomaly(embedded_store, hours_ago=3)
    watch = watching(embedded_store, listener)
    assert [watch.look(), watch.look(later(5))] == [1, 0]
    assert listener.kinds() == ["incident_over"]
    assert listener.heard[0]["title"] == "Over: $12.50 extra: prompt growth in support"


def test_a_pause_of_days_loses_nothing_but_a_new_receiver_gets_no_past(
    embedded_store: Store, listener: Listener
) -> None:
    anomaly(embedded_store, "before")
    watching(embedded_store, listener).look()
    line(embedded_store, "meanwhile", at=later(60), feature="search")
    update(embedded_store, later(60))
    update(embedded_store, later(180))
    watching(embedded_store, listener, digests=False).look(later(3 * 24 * 60))
    assert listener.kinds() == ["incident_new", "incident_over", "incident_over"]
    other = Watch(embedded_store, [Receiver("webhook", f"{listener.url}?new")], digests=False)
    assert other.look(later(3 * 24 * 60)) == 0


def test_an_expected_incident_is_not_reported(embedded_store: Store, listener: Listener) -> None:
    anomaly(embedded_store)
    acknowledge(embedded_store, "a1", "expected", by="me", note="")
    assert watching(embedded_store, listener).look() == 0


def test_what_was_sent_is_remembered_by_the_store(
    embedded_store: Store, listener: Listener
) -> None:
    anomaly(embedded_store)
    watching(embedded_store, listener).look()
    assert watching(embedded_store, listener).look(later(20)) == 0
    other = Watch(embedded_store, [Receiver("webhook", f"{listener.url}?other")])
    assert other.look() == 1


def test_nothing_is_lost_while_the_receiver_is_down(
    embedded_store: Store, listener: Listener
) -> None:
    anomaly(embedded_store, "a1")
    listener.down = True
    assert watching(embedded_store, listener).look() == 0
    anomaly(embedded_store, "a2", feature="search")
    assert watching(embedded_store, listener).look(later(1)) == 0
    listener.down = False
    assert watching(embedded_store, listener).look(later(30)) == 2
    assert [reported["facts"]["incident_id"] for reported in listener.heard] == ["a1", "a2"]


def test_a_receiver_that_is_down_is_tried_less_and_less_often(
    embedded_store: Store, listener: Listener
) -> None:
    anomaly(embedded_store)
    listener.down = True
    start = datetime.now(UTC)
    for second in range(0, 600, 5):
        watching(embedded_store, listener, digests=False).look(start + timedelta(seconds=second))
    assert listener.requested == 6  # after 0, 15, 45, 105, 225 and 465 seconds


def test_a_budget_is_reported_when_it_nears_its_end_and_when_it_is_exceeded(
    embedded_store: Store, listener: Listener
) -> None:
    add(embedded_store, call(usd="9", hours_ago=0))
    budget(embedded_store, "10")
    watch = watching(embedded_store, listener, digests=False)
    watch.look()
    watch.look(later(1))
    add(embedded_store, call(usd="2", hours_ago=0))
    watch.look(later(2))
    assert listener.kinds() == ["budget_warning", "budget_exceeded"]
    assert listener.heard[0]["title"] == "Budget all: 90.0% used"
    assert listener.heard[1]["text"] == "$11.00 of $10.00 per month."


def test_silence_of_a_busy_service_is_reported(embedded_store: Store, listener: Listener) -> None:
    noon = datetime(2026, 11, 20, 12, 30, tzinfo=UTC)
    busy = [call(ts=noon - timedelta(hours=hours)) for hours in range(2, 25)]
    add(embedded_store, *busy, call(service="batch", ts=noon - timedelta(hours=5)))
    watch = watching(embedded_store, listener, digests=False)
    watch.look(noon)
    watch.look(noon + timedelta(hours=1))
    assert listener.kinds() == ["no_data"]
    assert "No calls from shop since 2026-11-20 10:59 UTC" in listener.heard[0]["title"]


def test_a_day_and_a_week_are_summed_up_once(embedded_store: Store, listener: Listener) -> None:
    monday = datetime(2026, 11, 23, 1, 30, tzinfo=UTC)
    add(
        embedded_store,
        call(ts=monday - timedelta(hours=5), usd="3"),
        call(ts=monday - timedelta(hours=6), usd=None, feature="search"),
        call(ts=monday - timedelta(hours=30), usd="2"),
    )
    watch = watching(embedded_store, listener)
    watch.look(monday)
    watch.look(monday + timedelta(hours=3))
    assert listener.kinds() == ["digest_day", "digest_week"]
    day, week = listener.heard
    assert day["title"] == "LLM spend of 2026-11-22: $3.00, +50% on the day before"
    assert day["text"] == "support: $3.00\nsearch: unknown\n1 calls have no price."
    assert week["title"] == "LLM spend of the week of 2026-11-16: $5.00"
    assert Decimal(week["facts"]["cost_usd"]) == 5


def test_a_day_waits_for_its_last_calls(embedded_store: Store, listener: Listener) -> None:
    add(embedded_store, call(ts=datetime(2026, 11, 24, 23, 0, tzinfo=UTC)))
    watch = watching(embedded_store, listener)
    watch.look(datetime(2026, 11, 25, 0, 59, tzinfo=UTC))
    assert listener.kinds() == []
    watch.look(datetime(2026, 11, 25, 1, 0, tzinfo=UTC))
    assert listener.kinds() == ["digest_day"]


def test_slack_gets_text_that_cannot_mention_or_link(
    embedded_store: Store, listener: Listener
) -> None:
    anomaly(embedded_store, feature='<!channel> & "<b>" \U0001f916')
    Watch(embedded_store, [Receiver("slack", listener.url)]).look()
    (reported,) = listener.heard
    assert reported["text"].startswith(
        '*$12.50 extra: prompt growth in &lt;!channel&gt; &amp; "&lt;b&gt;" \U0001f916*\n'
    )


def test_a_command_gets_json_on_stdin_and_no_shell(embedded_store: Store, tmp_path: Path) -> None:
    anomaly(embedded_store, feature="$(touch pwned); `id`")
    heard = tmp_path / "heard"
    script = tmp_path / "keep.py"
    script.write_text("import sys; open(sys.argv[1], 'ab').write(sys.stdin.buffer.read())")
    command = f"{sys.executable} {script} {heard} ; touch {tmp_path}/shell"
    watch = Watch(embedded_store, [Receiver("exec", command)])
    assert watch.look() == 1
    assert json.loads(heard.read_text())["facts"]["feature"] == "$(touch pwned); `id`"
    assert not (tmp_path / "shell").exists()


@pytest.mark.parametrize("command", [f"{sys.executable} -c 'exit(3)'", "/no/such/command"])
def test_a_command_that_fails_is_run_again(
    embedded_store: Store, command: str, caplog: pytest.LogCaptureFixture
) -> None:
    anomaly(embedded_store)
    watch = Watch(embedded_store, [Receiver("exec", command)])
    assert [watch.look(), watch.look(later(1))] == [0, 0]
    assert caplog.text.count("could not notify exec") == 2


@pytest.mark.parametrize(
    ("kind", "address"),
    [("webhook", "file:///etc/passwd"), ("slack", "x"), ("exec", ""), ("exec", "'")],
)
def test_what_cannot_be_a_receiver_is_refused_at_once(kind: Any, address: str) -> None:
    with pytest.raises(ConfigError):
        Receiver(kind, address)


def test_the_address_never_enters_the_store(embedded_store: Store, listener: Listener) -> None:
    anomaly(embedded_store)
    Watch(embedded_store, [Receiver("webhook", f"{listener.url}?key=s3cret")]).look()
    rows = embedded_store.query("SELECT * FROM llmcost.notices").rows
    assert rows
    assert "s3cret" not in str(rows)


def test_a_look_touches_the_heartbeat_of_a_health_check(
    embedded_store: Store, listener: Listener, tmp_path: Path
) -> None:
    heartbeat = tmp_path / "looked"
    watch = ["watch", "--once", "--webhook", listener.url, "--url", embedded_store.url]
    done = CliRunner().invoke(app, [*watch, "--heartbeat", str(heartbeat)])
    assert done.exit_code == 0, done.output
    assert heartbeat.exists()
    done = CliRunner().invoke(app, [*watch, "--heartbeat", str(tmp_path / "missing" / "looked")])
    assert done.exit_code == 1
    assert "cannot write --heartbeat" in done.output


def test_the_command_looks_once_for_cron(embedded_store: Store, listener: Listener) -> None:
    anomaly(embedded_store)
    url = f"chdb://{store_directory()}"
    again = [
        CliRunner().invoke(app, ["watch", "--once", "--webhook", listener.url, "--url", url])
        for _ in range(2)
    ]
    assert [one.exit_code for one in again] == [0, 0]
    assert listener.kinds() == ["incident_new"]


def test_watching_without_receivers_is_refused() -> None:
    done = CliRunner().invoke(app, ["watch", "--once"])
    assert done.exit_code == 1
    assert "no receiver is named" in done.output


def test_on_a_server_it_looks_for_anomalies_without_receivers_too(
    embedded_store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("otel_llmcost.cli.target.local_path", lambda address: None)
    blown_up(embedded_store)
    url = f"chdb://{store_directory()}"
    done = CliRunner().invoke(app, ["watch", "--once", "--url", url])
    assert done.exit_code == 0, done.output
    assert embedded_store.query("SELECT kind FROM llmcost.anomalies").rows == [("prompt_growth",)]
