# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Finds what costs more than it should, and says since when, by how much, and why.

A pass brings `feature_hours` up to date, runs every query `detect_*`, and writes `anomaly_log`. One
anomaly per environment, feature and kind is open at a time: what is found again within six hours
goes on with it. Everything is computed from hours, so a pass costs the same however many calls a
store has; a feature without six hours and twenty calls of past is never called unusual.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, Literal, Protocol

from otel_llmcost import schema
from otel_llmcost.attribution.anomalies import split_excess
from otel_llmcost.reports.report import Query, records

KINDS = (
    "model_swap", "prompt_growth", "output_growth", "cache_collapse", "loop", "retry_storm",
    "duplicate_requests", "truncation_surge", "volume_surge", "call_outlier", "gradual_drift",
    "untagged_spend", "unpriced_model", "new_feature",
)  # fmt: skip
"""Each is a query `detect_<kind>`."""

_QUERIES = (*KINDS, "rare_growth")
"""Growth of what is called seldom has a query of its own, which says its kind."""

MORE_CALLS = frozenset({"loop", "volume_surge"})
"""Kinds whose calls should not have been made; the others made the usual calls more expensive."""

Level = Literal["report", "digest"]
"""Whether it is reported at once, or is too small or too usual for that."""

WASTE = {"duplicate_requests": "repeats", "truncation_surge": "truncated"}
"""Kinds that may cost no more than usual, but were paid for nothing: the one part of theirs."""

# The same trouble under a wider name: reported once, by the name that says more.
_HIDDEN_BY = {
    "prompt_growth": {"model_swap", "loop"},
    "output_growth": {"model_swap", "loop"},
    "cache_collapse": {"prompt_growth"},
    "volume_surge": {"loop", "retry_storm", "duplicate_requests"},
    "duplicate_requests": {"loop", "retry_storm"},
    "gradual_drift": {"model_swap", "prompt_growth", "output_growth"},
    "call_outlier": {"prompt_growth", "output_growth"},
}

_COLUMNS = (
    "anomaly_id", "detector", "detected_at", "kind", "level", "environment", "feature", "model",
    "ratio", "excess_usd", "worst_record_id", "worst_trace_id", "started_at", "ended_at", "calls",
    "expected", "actual", "unit", "evidence", "cause", "parts",
)  # fmt: skip


class Store(Protocol):
    """What a pass needs of `otel_llmcost.store.Store`."""

    @property
    def query(self) -> Query: ...  # noqa: D102 - the protocol's docstring says it
    def command(  # noqa: D102
        self, sql: str, parameters: Mapping[str, Any] | None = None, /
    ) -> None: ...
    def insert(  # noqa: D102
        self, table: str, rows: list[list[Any]], columns: tuple[str, ...], /
    ) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Anomaly:
    """One kind of trouble of one feature, as `anomaly_log` keeps it."""

    anomaly_id: str
    kind: str
    level: Level
    environment: str
    feature: str
    model: str
    started_at: datetime
    detected_at: datetime
    ended_at: datetime
    """End of the last hour that by itself showed it; never after `now`."""
    calls: int
    expected: float | None
    actual: float | None
    unit: str
    """Of `expected` and `actual`."""
    evidence: str
    excess_usd: Decimal | None
    """What it cost beyond the usual since it started; None = unknown."""
    worst_record_id: str
    worst_trace_id: str
    cause: str
    """The largest of `parts`, or `loop`; `unknown` when there are none."""
    parts: dict[str, Decimal]
    """Why; they add up to `excess_usd`."""

    @property
    def key(self) -> tuple[str, str, str]:
        """Of which one is open at a time."""
        return self.environment, self.feature, self.kind


def detect(
    store: Store,
    now: datetime | None = None,
    *,
    floor_usd: float = 0.25,
    floor_of_bill: float = 0.001,
    strictness: float = 1.0,
) -> list[Anomaly]:
    """One pass: what is unusual at `now` (UTC), as it was written to the store.

    A day of an excess that is reported costs `floor_usd` or more, and `floor_of_bill` of what all
    features do; `strictness` is how many times the usual evidence and excess it takes. Raises
    StoreError.
    """
    present = (now or datetime.now(UTC)).replace(microsecond=0)
    rebuild_hours(store, present)
    limits = {"floor_usd": floor_usd, "floor_of_bill": floor_of_bill, "strictness": strictness}
    compare_hours(store, present, limits)
    begun = _reported_once(_found(store.query, present, limits))
    wanted = {"now": written(present), "ids": [anomaly.anomaly_id for anomaly in begun]}
    before = records(store.query(schema.query("detect_open"), wanted))
    found = [_continued(anomaly, before, present) for anomaly in begun]
    usage = _usage(store.query, found, present)
    explained = [
        _explained(store.query, anomaly, used, present)
        for anomaly, used in zip(found, usage, strict=True)
    ]
    store.insert("anomaly_log", [_row(anomaly) for anomaly in explained], _COLUMNS)
    return explained


def rebuild_hours(store: Store, now: datetime) -> None:
    """Bring `feature_hours` up to date with the calls that arrived since the last pass."""
    stale = records(store.query(schema.query("detect_stale_days"), {"now": written(now)}))
    for row in stale:
        hours = [written(hour) for hour in row["hours"]]
        store.command(schema.query("detect_hours"), {"day": row["day"], "hours": hours})


def compare_hours(store: Store, now: datetime, limits: Mapping[str, float]) -> None:
    """Compare the last hours with this hour's norms, computed again if the past changed."""
    moment = {"now": written(now)}
    if store.query(schema.query("detect_norms_stale"), moment).rows:
        for name in ("detect_days", "detect_volumes", "detect_norms", "detect_shapes"):
            store.command(schema.query(name), moment)
    text = schema.query("detect_windows")
    store.command(text, moment | _named_in(text, limits))


def _found(query: Query, now: datetime, limits: Mapping[str, float]) -> Iterable[Anomaly]:
    for kind in _QUERIES:
        text = schema.query(f"detect_{kind}")
        parameters = {"now": written(now), **_named_in(text, limits)}
        for row in records(query(text, parameters)):
            yield _anomaly(row.get("kind", kind), row, now)


def _named_in(text: str, limits: Mapping[str, float]) -> dict[str, float]:
    return {name: value for name, value in limits.items() if f"{{{name}:" in text}


def _anomaly(kind: str, row: Mapping[str, Any], now: datetime) -> Anomaly:
    key = (kind, row["environment"], row["feature"], row["started_at"].isoformat())
    excess = row["excess"]
    return Anomaly(
        anomaly_id=_id(*key),
        kind=kind,
        level=row.get("level", "report"),
        environment=row["environment"],
        feature=row["feature"],
        model=row["model"],
        started_at=row["started_at"],
        detected_at=now,
        ended_at=min(now, row["last_hour"] + timedelta(hours=1)),
        calls=row["calls"],
        expected=row["expected"],
        actual=row["actual"],
        unit=row["unit"],
        evidence=_evidence(row),
        excess_usd=None if excess is None else Decimal(repr(excess)).quantize(Decimal("1E-12")),
        worst_record_id=row["worst_record_id"],
        worst_trace_id=row["worst_trace_id"],
        cause="unknown",
        parts={},
    )


def _id(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]


def _evidence(row: Mapping[str, Any]) -> str:
    actual, expected, unit = row["actual"], row["expected"], row["unit"]
    if unit.startswith("share of "):
        evidence = f"{actual:.1%} {unit.removeprefix('share ')} instead of {expected:.1%}"
    else:
        evidence = f"{_number(actual)} {unit} instead of {_number(expected)}"
    return f"{evidence}; {row['why']}" if row["why"] else evidence


def _number(value: float | None) -> str:
    if value is None:
        return "unknown"
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def _reported_once(found: Iterable[Anomaly]) -> list[Anomaly]:
    """One per feature and kind, the most expensive; none that another kind says better."""
    largest: dict[tuple[str, str, str], Anomaly] = {}
    for anomaly in found:
        held = largest.get(anomaly.key)
        if held is None or _weight(anomaly) > _weight(held):
            largest[anomaly.key] = anomaly
    return [
        anomaly
        for (environment, feature, kind), anomaly in largest.items()
        if not any((environment, feature, by) in largest for by in _HIDDEN_BY.get(kind, ()))
    ]


def _weight(anomaly: Anomaly) -> tuple[bool, Decimal]:
    return anomaly.level == "report", anomaly.excess_usd or Decimal(0)


def _continued(anomaly: Anomaly, before: Sequence[Mapping[str, Any]], now: datetime) -> Anomaly:
    """As it was first seen, when it goes on: the very same one, else one of its kind.

    The calls of a rare feature may be found again after more than a day; that is another anomaly.
    """
    same = [row for row in before if row["anomaly_id"] == anomaly.anomaly_id]
    kind = [
        row for row in before if (row["environment"], row["feature"], row["kind"]) == anomaly.key
    ]
    if not (same or kind):
        return anomaly
    row = (same or kind)[-1]
    if row["ended_at"] < now - timedelta(days=1):
        return replace(anomaly, anomaly_id=_id(anomaly.anomaly_id, now.isoformat()))
    return replace(
        anomaly,
        anomaly_id=row["anomaly_id"],
        started_at=row["started_at"],
        detected_at=row["detected_at"],
        level="report" if row["level"] == "report" else anomaly.level,
        ended_at=max(anomaly.ended_at, row["ended_at"]),
    )


def _explained(
    query: Query, anomaly: Anomaly, usage: list[dict[str, Any]], now: datetime
) -> Anomaly:
    """With the excess since it started, and its parts."""
    if anomaly.excess_usd is None:
        return anomaly
    if part := WASTE.get(anomaly.kind):
        return replace(anomaly, cause=part, parts={part: anomaly.excess_usd})
    if anomaly.kind == "loop":
        anomaly = replace(anomaly, evidence=anomaly.evidence + _growth(query, anomaly))
    if anomaly.kind == "call_outlier":
        one = {"since": written(anomaly.started_at), "record_id": anomaly.worst_record_id}
        usage = [row for row in usage if not row["is_recent"]]
        usage += records(query(schema.query("detect_call"), one))
    hours = (now - anomaly.started_at).total_seconds() / 3600
    parts = split_excess(usage, hours, more_calls=anomaly.kind in MORE_CALLS)
    if not parts:
        return anomaly
    excess = sum(parts.values(), Decimal(0))
    return replace(
        anomaly,
        # Larger than usual, but since it began no more expensive: there is nothing to do at once.
        level=anomaly.level if excess > 0 else "digest",
        excess_usd=excess,
        cause="loop" if anomaly.kind == "loop" else max(parts, key=lambda part: parts[part]),
        parts=parts,
    )


def _usage(query: Query, anomalies: list[Anomaly], now: datetime) -> list[list[dict[str, Any]]]:
    """Of each one's feature, since it started; and before, in its environment, else in all."""
    if not anomalies:
        return []
    parameters = {
        "now": written(now),
        "since": [written(anomaly.started_at) for anomaly in anomalies],
        "environments": [anomaly.environment for anomaly in anomalies],
        "features": [anomaly.feature for anomaly in anomalies],
        "norms": ["volume" if anomaly.kind in MORE_CALLS else "size" for anomaly in anomalies],
    }
    found = {number: list[dict[str, Any]]() for number in range(len(anomalies))}
    for row in records(query(schema.query("detect_usage"), parameters)):
        found[row["number"]].append(row)
    return [_of_one_place(rows) for rows in found.values()]


def _of_one_place(usage: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """With the normal hours of one place only."""
    has_own = any(not row["is_recent"] and row["place"] == "" for row in usage)
    place = "" if has_own else "*"
    return [row for row in usage if row["is_recent"] or row["place"] == place]


def _growth(query: Query, anomaly: Anomaly) -> str:
    """A loop that carries its own output along costs more with every turn."""
    trace = {"since": written(anomaly.started_at), "trace_id": anomaly.worst_trace_id}
    for row in records(query(schema.query("detect_trace"), trace)):
        if row["last"] >= 1.5 * row["first"]:
            return f"; its prompts grew from {row['first']:,} to {row['last']:,} tokens"
    return ""


def written(at: datetime) -> str:
    """As a ClickHouse parameter of type DateTime, which has no fraction of a second."""
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")


def _row(anomaly: Anomaly) -> list[Any]:
    ratio = anomaly.actual / anomaly.expected if anomaly.actual and anomaly.expected else None
    values = {
        "detector": f"detect_{anomaly.kind}",
        "ratio": ratio,
        **{name: getattr(anomaly, name) for name in _COLUMNS if name not in ("detector", "ratio")},
    }
    return [values[name] for name in _COLUMNS]
