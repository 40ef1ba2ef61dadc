# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""What the benchmark of detection found, as tables in Markdown."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from statistics import fmean, median
from typing import TypeVar

from benchmarks.anomalies.judge import Find, Incident, interval, share

OURS = "otel-llmcost"
EVER = float("inf")


@dataclass(frozen=True, slots=True, kw_only=True)
class Quiet:
    """A feature with nothing wrong in it for a week, as one detector saw it."""

    detector: str
    client: str
    rate: float
    habit: str
    false: Sequence[Incident]
    digest: int
    """Incidents that are only in the digest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A material event, as one detector saw it."""

    detector: str
    client: str
    rate: float
    trouble: str
    is_meant: bool
    find: Find
    is_known: bool
    """Found, if only for the digest."""
    before_usd: float
    """What it had cost when it was found, or in the end."""


T = TypeVar("T", Quiet, Judged)


def by_client(some: Iterable[T]) -> dict[str, list[T]]:
    """For intervals."""
    groups = defaultdict[str, list[T]](list)
    for one in some:
        groups[one.client].append(one)
    return groups


def false_per_week(some: Sequence[Quiet]) -> float | None:
    """Incidents that are reported, a feature and week."""
    return fmean(len(one.false) for one in some) if some else None


def digest_per_week(some: Sequence[Quiet]) -> float | None:
    """Those that are only in the digest."""
    return fmean(one.digest for one in some) if some else None


def recall(some: Sequence[Judged], within: float = EVER) -> float | None:
    """Share of events that were found within so many hours."""
    return share([one.find for one in some], within)


def tables(quiet: Sequence[Quiet], events: Sequence[Judged]) -> Iterator[str]:
    """All of it."""
    own = [one for one in quiet if one.habit == "own"]
    yield "False incidents per feature-week, clients in true order\n"
    yield from _false(own)
    kinds = Counter(one.kinds[0] for q in own if q.detector == OURS for one in q.false)
    yield "\nOf ours, by kind: " + (", ".join(f"{k} {n}" for k, n in kinds.most_common()) or "none")
    wrong = [one for one in events if not one.is_meant]
    yield "\nShare of material events found\n"
    yield from _recall(wrong)
    yield "\nIncidents where nothing is wrong, per feature-week\n"
    yield from _habits([one for one in quiet if one.habit != "own"])
    yield "\nIncidents of what was meant; more than one is too many\n"
    yield from _meant([one for one in events if one.is_meant])


def _false(own: Sequence[Quiet]) -> Iterator[str]:
    rates = sorted({one.rate for one in own})
    yield from _header("detector", "feature-weeks", "all", "95 % of clients",
                       *(f"{rate:g}/h" for rate in rates), "digest")  # fmt: skip
    for name, some in _groups(own, lambda one: one.detector):
        by_rate = [false_per_week([one for one in some if one.rate == rate]) for rate in rates]
        yield _row(name, len(some), _number(false_per_week(some)),
                   _between(interval(by_client(some), false_per_week)),
                   *map(_number, by_rate), _number(digest_per_week(some)))  # fmt: skip


def _recall(events: Sequence[Judged]) -> Iterator[str]:
    rules = list(dict.fromkeys(one.detector for one in events if one.detector != OURS))
    yield from _header(
        "trouble", "calls/h", "events", "found", "95 % of clients", "in hour 1", "2", "6",
        "or in the digest", "named right", "too many", "USD before", *rules,
    )  # fmt: skip
    for trouble, some in _groups(events, lambda one: one.trouble):
        by_detector = dict(_groups(some, lambda one: one.detector))
        ours = by_detector[OURS]
        rates = dict(sorted(_groups(ours, lambda one: one.rate)))
        found = [one for one in ours if one.find.hour is not None]
        in_time, *within = (
            " / ".join(_number(recall(of_rate, hours)) for of_rate in rates.values())
            for hours in (EVER, 1, 2, 6)
        )
        yield _row(
            trouble, " / ".join(f"{rate:.3g}" for rate in rates), len(ours),
            in_time, _between(interval(by_client(ours), recall)), *within,
            _number(fmean(one.is_known for one in ours)),
            _number(fmean(one.find.named for one in found) if found else None),
            _number(fmean(one.find.extra for one in ours)),
            f"{median(one.before_usd for one in ours):.2f}",
            *(_number(recall(by_detector[rule])) for rule in rules),
        )  # fmt: skip


def _habits(quiet: Sequence[Quiet]) -> Iterator[str]:
    rules = list(dict.fromkeys(one.detector for one in quiet if one.detector != OURS))
    yield from _header("traffic", "features", OURS, "digest", "kinds", *rules)
    for habit, some in _groups(quiet, lambda one: one.habit):
        by_detector = dict(_groups(some, lambda one: one.detector))
        ours = by_detector[OURS]
        kinds = Counter(one.kinds[0] for quiet in ours for one in quiet.false)
        yield _row(
            habit, len(ours), _number(false_per_week(ours)), _number(digest_per_week(ours)),
            ", ".join(kinds), *(_number(false_per_week(by_detector[rule])) for rule in rules),
        )  # fmt: skip


def _meant(events: Sequence[Judged]) -> Iterator[str]:
    yield from _header("change", "events", "found", "named right", "incidents", "more than one")
    ours = [one for one in events if one.detector == OURS]
    for trouble, some in _groups(ours, lambda one: one.trouble):
        found = [one for one in some if one.find.hour is not None]
        yield _row(
            trouble, len(some), _number(recall(some)),
            _number(fmean(one.find.named for one in found) if found else None),
            _number(fmean((one.find.hour is not None) + one.find.extra for one in some)),
            _number(fmean(one.find.extra > 0 for one in some)),
        )  # fmt: skip


def false_ones(quiet: Sequence[Quiet]) -> Iterator[str]:
    """Each false incident of ours: whose, when and why."""
    yield from _header("client", "calls/h", "traffic", "hours", "kinds", "USD", "evidence")
    for one in quiet:
        for incident in one.false if one.detector == OURS else ():
            yield _row(
                one.client, f"{one.rate:.3g}", one.habit, f"{incident.start}-{incident.last}",
                ", ".join(incident.kinds), f"{incident.usd:.2f}", incident.evidence,
            )  # fmt: skip


def missed_ones(events: Sequence[Judged]) -> Iterator[str]:
    """Each event that ours missed."""
    yield from _header("client", "calls/h", "trouble", "USD")
    for one in events:
        if one.detector == OURS and one.find.hour is None and not one.is_meant:
            yield _row(one.client, f"{one.rate:.3g}", one.trouble, f"{one.before_usd:.2f}")


def _groups(some: Sequence[T], key: Callable[[T], object]) -> Iterator[tuple[object, list[T]]]:
    """In the order they come."""
    groups = defaultdict[object, list[T]](list)
    for one in some:
        groups[key(one)].append(one)
    yield from groups.items()


def _header(*names: str) -> Iterator[str]:
    yield _row(*names)
    yield "|---" * len(names) + "|"


def _row(*cells: object) -> str:
    return "| " + " | ".join(str(cell).replace("|", "/") for cell in cells) + " |"


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f}".removeprefix("0")


def _between(values: tuple[float, float] | None) -> str:
    return "-" if values is None else "-".join(map(_number, values))
