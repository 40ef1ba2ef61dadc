# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""What the notice of an incident says, and what may answer it."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from otel_llmcost.detection.look import update
from otel_llmcost.detection.notices import notices
from otel_llmcost.errors import ConfigError
from otel_llmcost.serve.receivers import Receiver
from otel_llmcost.serve.watch import Watch
from otel_llmcost.store import Store
from tests.cli.calls import add, call
from tests.detection.lines import line
from tests.watch.conftest import Listener

pytestmark = pytest.mark.slow

NOW = datetime.now(UTC).replace(microsecond=0)
HOUR = timedelta(hours=1)
PAGE = "https://cost.example.com"
HOSTILE = "<!channel> <https://evil.example|x> https://evil.example `id` *b* _i_ @here\n> & \x1b[0m"


def reported(store: Store, listener: Listener, kind: Any = "webhook", page: str = PAGE) -> Any:
    """The one notice that is sent."""
    watch = Watch(store, [Receiver(kind, listener.url)], digests=False, page_url=page)
    assert watch.look(NOW) == 1
    return listener.heard[-1]


def troubled(store: Store, **more: Any) -> None:
    """$30 of longer prompts in the last two hours, of two users, since version 2."""
    facts: dict[str, Any] = {
        "started_at": NOW - 2 * HOUR,
        "detected_at": NOW - HOUR,
        "excess_usd": Decimal(30),
        "parts": {"prompt": Decimal(24), "cache": Decimal(6)},
        **more,
    }
    line(store, at=NOW, **facts)


def with_calls(store: Store) -> None:
    own = {"service_version": "2", "call_site": "app.reply (app.py:12)", "session_id": "s"}
    add(
        store,
        call(hours_ago=4, usd="1", service_version="1"),
        *(call(hours_ago=1 + n / 4, usd="10", user_id=f"u{n % 2}", **own) for n in range(4)),
        call(hours_ago=1, usd="20", feature="search"),
    )
    store.command(
        "INSERT INTO llmcost.feature_hours (hour, environment, feature, model, service_version, "
        "calls, cost_usd, rebuilt_at) SELECT toStartOfHour(ts), environment, feature, model, "
        "service_version, count(), sum(cost_usd), now64(3) FROM llmcost.calls GROUP BY ALL"
    )


def test_it_says_what_since_when_how_much_why_who_and_what_to_do(
    embedded_store: Store, listener: Listener
) -> None:
    with_calls(embedded_store)
    troubled(embedded_store)
    update(embedded_store, NOW)
    notice = reported(embedded_store, listener)
    assert notice["title"] == "$30.00 extra: prompt growth in support"
    lines = dict(one.split(": ", 1) for one in notice["text"].splitlines())
    first = embedded_store.query(
        "SELECT min(ts) FROM llmcost.calls WHERE service_version = '2'"
    ).rows[0][0]
    assert lines == {
        "What": "9,000 input tokens a call instead of 1,000",
        "Since": f"{NOW - 2 * HOUR:%Y-%m-%d %H:%M} UTC",
        "Cost": "$30.00 more than usual so far, $360.00 a day; "
        "75.0% of what the feature cost and 50.0% of the bill since then",
        "Cause": "prompt $24.00, cache $6.00",
        "Where": "feature support, environment prod, model large-1, "
        f"version 2 (first call {first:%Y-%m-%d %H:%M} UTC)",
        "Affected": "40 calls, 2 users, 1 session; called from app.reply (app.py:12)",
        "Most expensive call": f"`otel-llmcost explain r1` or {PAGE}/call?id=r1",
        "What to do": "See what the prompt carries now, such as history, documents or tool "
        "results, and cut it to what the answer needs.",
        "Acknowledge": f"`otel-llmcost incidents ack a --expected` or {PAGE}/incident?id=a",
    }
    facts = notice["facts"]
    assert facts["links"] == {"incident": f"{PAGE}/incident?id=a", "call": f"{PAGE}/call?id=r1"}
    assert facts["advice"] == lines["What to do"]
    assert Decimal(facts["parts"]["cache"]) == 6
    assert (facts["users"], facts["sessions"], facts["days"]) == (2, 1, 1)


def test_without_an_address_of_the_page_it_has_commands_only(
    embedded_store: Store, listener: Listener
) -> None:
    troubled(embedded_store)
    update(embedded_store, NOW)
    notice = reported(embedded_store, listener, page="")
    assert "http" not in notice["text"]
    assert "`otel-llmcost incidents ack a --expected`" in notice["text"]
    assert notice["facts"]["links"] == {}


def test_unknown_is_said_and_never_zero(embedded_store: Store, listener: Listener) -> None:
    troubled(embedded_store, kind="retry_storm", excess_usd=None, parts={}, cause="unknown")
    update(embedded_store, NOW)
    notice = reported(embedded_store, listener)
    assert notice["title"] == "cost unknown: retry storm in support"
    assert "$" not in notice["text"]
    assert "Cost: unknown\nCause: unknown\n" in notice["text"]


def test_a_fifth_day_is_the_same_incident_and_says_so(
    embedded_store: Store, listener: Listener
) -> None:
    watch = Watch(embedded_store, [Receiver("webhook", listener.url)], digests=False)
    for day in range(5):
        at = NOW - timedelta(days=4 - day)
        line(embedded_store, f"day {day}", at=at, started_at=at, excess_usd=Decimal(4 ** (day + 1)))
        update(embedded_store, at)
        watch.look(at)
        update(embedded_store, at + HOUR)
        watch.look(at + HOUR)
    titles = [heard["title"] for heard in listener.heard]
    assert titles[0] == "$4.00 extra: prompt growth in support"
    assert titles[1] == "Over: $4.00 extra: prompt growth in support"
    assert titles[8] == "Now $1,364.00 extra: prompt growth in support, again, fifth day"
    assert len(titles) == 10
    assert {heard["facts"]["incident_id"] for heard in listener.heard} == {"day 0"}


def test_a_little_growth_is_a_line_of_the_daily_digest(embedded_store: Store) -> None:
    day = datetime(2026, 11, 24, tzinfo=UTC)
    at = day + 12 * HOUR
    add(embedded_store, call(ts=at, usd="3"))
    line(embedded_store, at=at, level="digest", actual=1400.0, excess_usd=Decimal("0.8"))
    update(embedded_store, at)
    found = notices(embedded_store.query, day + 26 * HOUR)
    assert [notice.kind for notice in found] == ["digest_day"]
    assert found[0].text == (
        "support: $3.00\nsupport: input tokens a call grew 1.4x since Tuesday 24 November, "
        "$0.80 extra"
    )


def test_hostile_names_are_plain_text_in_slack(embedded_store: Store, listener: Listener) -> None:
    troubled(embedded_store, feature=HOSTILE, model=HOSTILE, environment=HOSTILE)
    update(embedded_store, NOW)
    message = reported(embedded_store, listener, "slack")
    text = message["text"]
    assert message["unfurl_links"] is False
    assert not set(text) & set("<>")
    assert set(re.findall(r"https?://(?!\u200b)\S+", text)) == {
        f"{PAGE}/call?id=r1",
        f"{PAGE}/incident?id=a",
    }
    assert "\x1b" not in text
    for mark in ("`", "@", "_i", "i_"):
        assert not re.search(rf"{mark}(?!\u200b)[\w*]", text), mark
    assert text.count("*") - text.count("*\u200b") == 2  # the title's own


@pytest.mark.parametrize("state", ["acknowledged", "expected", "muted"])
def test_a_webhook_may_answer_with_an_acknowledgement(
    embedded_store: Store, listener: Listener, state: str
) -> None:
    troubled(embedded_store)
    update(embedded_store, NOW)
    listener.answer = {"acknowledge": state, "note": "we know"}
    reported(embedded_store, listener)
    said = "SELECT incident_id, state, acked_by, note FROM llmcost.incident_acks"
    assert embedded_store.query(said).rows == [("a", state, "webhook 127.0.0.1", "we know")]


@pytest.mark.parametrize(
    "answer",
    [{}, {"acknowledge": "everything"}, {"acknowledge": ["expected"]}, ["acknowledge"], "ok", None],
)
def test_any_other_answer_changes_nothing(
    embedded_store: Store, listener: Listener, answer: object
) -> None:
    troubled(embedded_store)
    update(embedded_store, NOW)
    listener.answer = answer
    reported(embedded_store, listener)
    assert embedded_store.query("SELECT * FROM llmcost.incident_acks").rows == []


def test_an_answer_cannot_speak_of_another_incident_and_an_echo_says_nothing(
    embedded_store: Store, listener: Listener
) -> None:
    troubled(embedded_store)
    line(embedded_store, "other", at=NOW, feature="search", level="digest")
    update(embedded_store, NOW)
    listener.answer = {"acknowledge": "muted", "incident_id": "other", "id": "other"}
    notice = reported(embedded_store, listener)
    assert "acknowledge" not in notice
    said = "SELECT incident_id FROM llmcost.incident_acks"
    assert embedded_store.query(said).rows == [("a",)]


def test_an_answer_that_cannot_be_kept_does_not_send_the_notice_again(
    embedded_store: Store, listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    troubled(embedded_store)
    update(embedded_store, NOW)
    listener.answer = {"acknowledge": "muted"}
    tried: list[str] = []

    def gone(_: Store, incident_id: str, *__: object, **___: object) -> None:
        tried.append(incident_id)
        raise ConfigError("there is no such incident")

    monkeypatch.setattr("otel_llmcost.serve.watch.acknowledge", gone)
    reported(embedded_store, listener)
    assert tried == ["a"]
    sent = embedded_store.query("SELECT DISTINCT state FROM llmcost.notices FINAL").rows
    assert ("pending",) not in sent
