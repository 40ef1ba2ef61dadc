# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Two weeks of history: priced, shaped like working days, the same when made again."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta

from otel_llmcost.demo import habits, history
from otel_llmcost.demo.rebill import billed
from otel_llmcost.emulator.prices import PRICES, charge
from otel_llmcost.pricing import PriceBook, rate

END = datetime(2026, 11, 23, 22, tzinfo=UTC)


def _spans(end: datetime) -> list[dict[str, str]]:
    return [
        {a.key: str(a.value.string_value or a.value) for a in span.attributes}
        for request in history.requests(end)
        for span in request.resource_spans[0].scope_spans[0].spans
    ]


def test_every_call_has_a_price_or_was_refused() -> None:
    spans = _spans(END)
    assert len(spans) > 3_000
    statuses = Counter(span["llmcost.cost.status"] for span in spans)
    assert set(statuses) == {"priced", "not_billed"}
    assert statuses["not_billed"] < len(spans) * 0.03
    assert all("error.type" in s for s in spans if s["llmcost.cost.status"] == "not_billed")


def test_the_same_end_makes_the_same_records() -> None:
    assert list(history.requests(END)) == list(history.requests(END))
    earlier = {s["llmcost.record.id"] for s in _spans(END - timedelta(hours=1))}
    assert earlier.isdisjoint(s["llmcost.record.id"] for s in _spans(END))


def test_days_are_busy_and_nights_and_weekends_are_not() -> None:
    made = list(habits.calls(END))
    assert all(END - timedelta(days=habits.DAYS) <= call.start < END for call in made)
    hours = Counter(call.start.hour for call in made)
    assert hours[10] > 8 * hours[3]
    days = Counter(call.start.date() for call in made)
    sunday, thursday = datetime(2026, 11, 22).date(), datetime(2026, 11, 19).date()  # noqa: DTZ001 - a date has no zone
    assert days[thursday] > 2 * days[sunday]


def test_no_call_of_the_past_is_an_anomaly_itself() -> None:
    tokens: dict[tuple[str, str], list[int]] = {}
    for call in history.calls(END):
        used = (call.usage.input_tokens or 0) + (call.usage.output_tokens or 0)
        tokens.setdefault((call.habit.feature, call.habit.model), []).append(used)
    for used in tokens.values():
        median = sorted(used)[len(used) // 2]
        assert max(used) < 2 * median


def test_the_past_uses_models_the_emulator_serves() -> None:
    assert {call.habit.model for call in history.calls(END)} <= PRICES.keys()


def test_records_are_numbered_without_a_gap() -> None:
    numbers = [call.number for call in history.calls(END)]
    assert numbers == list(range(1, len(numbers) + 1))


def test_the_emulator_bills_the_past_as_it_was_recorded() -> None:
    book = PriceBook.default()
    for call in history.calls(END):
        if not call.error:
            assert charge(billed(call)) == rate(call.usage, call.start, book).total
