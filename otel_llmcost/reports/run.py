# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""One run: its calls as a tree, how its prompts grew, and which requests it repeated."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from otel_llmcost import schema
from otel_llmcost.reports.report import Column, Query, Report, Row, marked, records
from otel_llmcost.reports.run_tree import Node, tree
from otel_llmcost.reports.runs import KINDS
from otel_llmcost.reports.window import sql_time

MOST_CALLS = 10_000
"""Calls of a run that are read one by one; its totals count all of them."""
_MOST_TRACES, _MOST_SPANS = 200, 50_000
_INCIDENTS = 5
REPEATED = 3
"""So often the same request has to be sent to be called a loop."""
_REPEATS = (
    *(Column("request"), Column("calls", "count"), Column("cost_usd", "usd")),
    *(Column("repeated_usd", "usd"), Column("first_ts", "time"), Column("last_ts", "time")),
    *(Column("model"), Column("call_site"), Column("record_id")),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """All that is stored of one trace, session, conversation or `feature()` scope."""

    kind: str
    id: str
    total: Mapping[str, Any]
    """Over all of its calls: first_ts, last_ts, calls, errors, unpriced_calls, tokens, cost_usd
    (None when nothing is priced)."""
    calls: Sequence[Mapping[str, Any]]
    """The first `MOST_CALLS`, in order of time."""
    tops: Sequence[Node]
    """Their tree."""
    has_spans: bool
    """Whether spans around the calls are stored."""
    incidents: Sequence[Mapping[str, Any]]
    """What detection found about it: kind, evidence, incident_id, excess_usd."""

    @property
    def repeated(self) -> Report:
        """Requests that were sent `REPEATED` times or more: the same in every byte."""
        return Report(
            title="Requests that were repeated",
            columns=_REPEATS,
            rows=[
                _repeat([call for call in self.calls if call["request_fingerprint"] == name])
                for name in self.loops
            ],
        )

    @property
    def loops(self) -> dict[str, int]:
        """How often each of these requests was sent, by its fingerprint."""
        sent = Counter(call["request_fingerprint"] for call in self.calls)
        return {name: times for name, times in sent.most_common() if name and times >= REPEATED}


def run(query: Query, kind: str, name: str) -> Run | None:
    """One run by its id; None when no call has it. `kind` is one of `KINDS`."""
    found = records(query(_marked("run_total", kind), {"run": name}))
    if not name or not found or not found[0]["calls"]:
        return None
    wanted = {"run": name, "limit": MOST_CALLS}
    calls = records(query(_marked("run_calls", kind), wanted))
    spans = _spans(query, calls)
    return Run(
        kind=kind,
        id=name,
        total=found[0],
        calls=calls,
        tops=tree(calls, spans),
        has_spans=bool(spans),
        incidents=_incidents(query, name) if kind == "trace" else [],
    )


def place(query: Query, call: Mapping[str, Any]) -> dict[str, Any] | None:
    """Where a call is in its trace: `calls`, how many of them were `earlier`, `cost_usd`, and the
    record ids `before` and `after` it; None without a trace."""
    if not call["trace_id"]:
        return None
    parameters = {
        "trace": call["trace_id"],
        "at": sql_time(call["ts"]),
        "record": call["record_id"],
    }
    [found] = records(query(schema.query("run_place"), parameters))
    return found


def _spans(query: Query, calls: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    traces = list(dict.fromkeys(call["trace_id"] for call in calls if call["trace_id"]))
    if not traces:
        return []
    parameters = {
        "traces": traces[:_MOST_TRACES],
        "since": sql_time(calls[0]["ts"]),
        "until": sql_time(calls[-1]["ts"]),
        "limit": _MOST_SPANS,
    }
    return records(query(schema.query("run_spans"), parameters))


def _incidents(query: Query, trace: str) -> list[dict[str, Any]]:
    parameters = {"trace": trace, "limit": _INCIDENTS}
    return records(query(schema.query("run_incidents"), parameters))


def _repeat(calls: Sequence[Mapping[str, Any]]) -> Row:
    first, last = calls[0], calls[-1]
    costs = [call["cost_usd"] for call in calls]
    return (
        *(first["request_fingerprint"], len(calls), _sum(costs), _sum(costs[1:])),
        *(first["ts"], last["ts"], first["model"], first["call_site"], first["record_id"]),
    )


def _sum(costs: Sequence[Decimal | None]) -> Decimal | None:
    known = [cost for cost in costs if cost is not None]
    return sum(known, Decimal(0)) if known else None


def _marked(name: str, kind: str) -> str:
    return marked(schema.query(name), "id", f"c.{KINDS[kind]}")
