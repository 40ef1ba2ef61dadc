# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""The calls of one run as a tree: which span led to which call, with what each part adds up to.

Parents are known from the calls themselves and from stored spans of any emitter. A span that leads
to no call is left out; a call whose parent is unknown stands at the top. Ids come from telemetry:
circles of parents are cut.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Literal

Key = tuple[str, str]
"""Trace and span id, or trace and record id of a call without a span."""


@dataclass(slots=True)
class Sums:
    """What calls add up to."""

    calls: int = 0
    unpriced_calls: int = 0
    errors: int = 0
    input_tokens: int = 0
    cache_read_tokens: int = 0
    output_tokens: int = 0
    cost_usd: Decimal | None = None
    """None when no call is priced."""

    def add_call(self, call: Mapping[str, Any]) -> None:
        """One more call."""
        cost = call["cost_usd"]
        self.calls += 1
        self.errors += bool(call["error"])
        self.input_tokens += call["input_tokens"]
        self.cache_read_tokens += call["cache_read_tokens"]
        self.output_tokens += call["output_tokens"]
        if cost is None:
            self.unpriced_calls += 1
        else:
            self.cost_usd = (self.cost_usd or Decimal(0)) + cost

    def add(self, other: Sums) -> None:
        """All of another sum."""
        self.calls += other.calls
        self.unpriced_calls += other.unpriced_calls
        self.errors += other.errors
        self.input_tokens += other.input_tokens
        self.cache_read_tokens += other.cache_read_tokens
        self.output_tokens += other.output_tokens
        if other.cost_usd is not None:
            self.cost_usd = (self.cost_usd or Decimal(0)) + other.cost_usd


@dataclass(slots=True, kw_only=True)
class Node:
    """A call, a span around calls, or a trace of a run of several."""

    kind: Literal["call", "span", "trace"]
    id: str
    """Of the record, the span or the trace."""
    trace_id: str
    name: str
    start: datetime
    duration_ms: float
    """Of a trace: from the start of its first call to the end of its last."""
    is_failed: bool = False
    row: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """The call or the span; empty for a trace."""
    children: list[Node] = field(default_factory=list["Node"])
    """In order of time."""
    sums: Sums = field(default_factory=Sums)
    """Of all calls in it, itself included."""

    @property
    def end(self) -> datetime:
        """When it was over."""
        return self.start + timedelta(milliseconds=self.duration_ms)


def tree(calls: Sequence[Mapping[str, Any]], spans: Iterable[Mapping[str, Any]]) -> list[Node]:
    """The top of the tree, in order of time: one node per trace where there are several, but for
    those of a single call."""
    stored = {(span["trace_id"], span["span_id"]): span for span in spans}
    nodes: dict[Key, Node] = {}
    siblings: list[tuple[Node, Key]] = []
    for call in calls:
        node, key = _call(call), (call["trace_id"], call["span_id"] or call["record_id"])
        if key in nodes:  # several records of one span: the others stand beside the first
            siblings.append((node, key))
        else:
            nodes[key] = node
    parents = _parents(nodes, stored)
    for key in parents.keys() - nodes.keys():
        nodes[key] = _span(stored[key])
    tops = _linked(nodes, parents)
    for node, key in siblings:
        parent = parents[key]
        (tops if parent is None else nodes[parent].children).append(node)
    return _by_trace(_summed(tops))


def walk(tops: Sequence[Node]) -> list[Node]:
    """All nodes, each before its children."""
    found: list[Node] = []
    waiting = list(reversed(tops))
    while waiting:
        node = waiting.pop()
        found.append(node)
        waiting.extend(reversed(node.children))
    return found


def _call(call: Mapping[str, Any]) -> Node:
    return Node(
        kind="call",
        id=call["record_id"],
        trace_id=call["trace_id"],
        name=" ".join(filter(None, (call["operation"], call["model"]))) or "call",
        start=call["ts"],
        duration_ms=float(call["duration_ms"]),
        is_failed=bool(call["error"]),
        row=call,
    )


def _span(span: Mapping[str, Any]) -> Node:
    return Node(
        kind="span",
        id=span["span_id"],
        trace_id=span["trace_id"],
        name=span["name"] or "span",
        start=span["ts"],
        duration_ms=float(span["duration_ms"]),
        is_failed=bool(span["is_failed"]),
        row=span,
    )


def _parents(nodes: Mapping[Key, Node], stored: Mapping[Key, Mapping[str, Any]]) -> _Parents:
    """The parent of every call and of every span above one; None at the top."""
    parents: _Parents = {}
    for first in nodes:
        path: list[Key] = []
        key: Key | None = first
        while key is not None and key not in parents:
            parents[key] = None  # until the next turn: a circle ends here
            path.append(key)
            row = nodes[key].row if key in nodes else stored[key]
            above = (key[0], row["parent_span_id"])
            key = above if above in nodes or above in stored else None
            if key is not None and key not in path:
                parents[path[-1]] = key
    return parents


_Parents = dict[Key, Key | None]


def _linked(nodes: Mapping[Key, Node], parents: _Parents) -> list[Node]:
    tops: list[Node] = []
    for key, node in nodes.items():
        parent = parents[key]
        (tops if parent is None else nodes[parent].children).append(node)
    return tops


def _summed(tops: list[Node]) -> list[Node]:
    """In order of time, with what each adds up to."""
    for node in reversed(walk(tops)):
        if node.kind == "call":
            node.sums.add_call(node.row)
        for child in node.children:
            node.sums.add(child.sums)
        node.children.sort(key=_order)
    return sorted(tops, key=_order)


def _by_trace(tops: list[Node]) -> list[Node]:
    traces: defaultdict[str, list[Node]] = defaultdict(list)
    for node in tops:
        traces[node.trace_id].append(node)
    if len(traces) < 2:
        return tops
    # A trace of one call is as well shown by its call.
    return [
        inside[0] if len(inside) == 1 and not inside[0].children else _trace(name, inside)
        for name, inside in traces.items()
    ]


def _trace(name: str, inside: list[Node]) -> Node:
    start = min(node.start for node in inside)
    end = max(node.end for node in inside)
    made = Node(
        kind="trace",
        id=name,
        trace_id=name,
        name="trace" if name else "without a trace",
        start=start,
        duration_ms=(end - start) / timedelta(milliseconds=1),
        children=inside,
    )
    for node in inside:
        made.sums.add(node.sums)
    return made


def _order(node: Node) -> tuple[datetime, str]:
    return node.start, node.id
