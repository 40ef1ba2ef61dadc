# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""One run as a tree of its calls, with how its prompts grew and what it repeated."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any, ClassVar
from urllib.parse import urlencode

from otel_llmcost.errors import ConfigError
from otel_llmcost.reports import Column, Query, Report, formatting
from otel_llmcost.reports.report import pick
from otel_llmcost.reports.run import MOST_CALLS, Run, run
from otel_llmcost.reports.run_tree import Node, walk
from otel_llmcost.reports.runs import KINDS
from otel_llmcost.serve.web.charts import Chart, Series
from otel_llmcost.serve.web.page import Field, Page, Stat, run_link
from otel_llmcost.serve.web.span import Span
from otel_llmcost.serve.web.table import Dress, Record, Table, table

PARAMETERS = (*KINDS, "node", "first")
_AT_TOP, _NESTED, _IN_ALL, _DEEPEST = 100, 30, 250, 8
"""Rows at the top, within one node, altogether, and levels: what is beyond is a row that leads to
the rest."""
_POSITIONS = 120
"""Of a chart; more calls share them."""
_CALLS = (
    *(Column("ts", "time"), Column("record_id"), Column("trace_id"), Column("span_id")),
    *(Column("parent_span_id"), Column("operation"), Column("model"), Column("feature")),
    *(Column("agent"), Column("call_site"), Column("input_tokens", "count")),
    *(Column("cache_read_tokens", "count"), Column("cache_write_tokens", "count")),
    *(Column("output_tokens", "count"), Column("cost_usd", "usd"), Column("duration_ms", "ms")),
    *(Column("error"), Column("retries", "count"), Column("request_fingerprint")),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row of the tree."""

    depth: int
    name: str
    kind: str
    """`call`, `span`, `trace`; `more` where the rest is elsewhere."""
    href: str = ""
    hint: str = ""
    started: str = ""
    """After the run began."""
    duration: str = ""
    calls: str = ""
    tokens: str = ""
    tokens_title: str = ""
    cost: str = ""
    exact: str = ""
    share: float = 0.0
    """Of the run's cost."""
    is_failed: bool = False
    times: int = 0
    """How often the run sent the same request, where that is a loop."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunPage(Page):
    """The tree, and what is said about it."""

    template: ClassVar[str] = "run.html"
    under: ClassVar[str] = "/runs"

    rows: Sequence[Row] = field(default_factory=list[Row])
    above: Sequence[tuple[str, str]] = ()
    """Names and addresses of what the shown part is in."""
    found: Sequence[tuple[str, str]] = ()
    """What detection says about it, and the address of the incident."""


def run_tree(query: Query, span: Span, wanted: Mapping[str, str]) -> Page:
    """The run whose id is given. Raises ConfigError for two of them, or a part it does not have."""
    named = [(kind, wanted[kind]) for kind in KINDS if wanted.get(kind)]
    if len(named) > 1:
        raise ConfigError(f"{named[0][0]} and {named[1][0]} contradict each other: use one of them")
    first = _first(wanted.get("first", ""))
    kind, name = named[0] if named else ("trace", "")
    page = RunPage(
        path="/run",
        title="One run",
        span=span,
        timeless=True,
        fields=[Field(name=kind, label=f"Id of the {kind}", value=name)],
    )
    if not named:
        return replace(
            page, notes=["Name a trace, a session, a conversation or a scope by its id."]
        )
    found = run(query, kind, name)
    if found is None:
        return replace(page, notes=[f"No call has the {kind} {name}; a call takes some seconds."])
    tops, path = _part(found, wanted.get("node", ""))
    view = _View(found, span)
    return replace(
        page,
        title=f"{kind.capitalize()} {name if len(name) < 40 else name[:12] + '…'}",
        stats=_stats(found),
        notes=_notes(found),
        rows=view.rows(tops, path[-1] if path else None, first),
        above=view.above(path),
        found=[
            (f"{one['kind'].replace('_', ' ')}: {one['evidence']}",
             f"/incident?{urlencode({'id': one['incident_id']})}")
            for one in found.incidents
        ],
        charts=_growth(found),
        tables=[_calls(found), *_repeated(found, span)],
    )  # fmt: skip


def _part(found: Run, name: str) -> tuple[Sequence[Node], list[Node]]:
    """The nodes below the one of that id, and the way to it; the top without an id."""
    if not name:
        return found.tops, []
    above: dict[int, Node] = {
        id(child): node for node in walk(found.tops) for child in node.children
    }
    node = next((one for one in walk(found.tops) if one.id == name and one.children), None)
    if node is None:
        raise ConfigError(f"this run has no part {name!r}: leave out node=")
    path = [node]
    while (parent := above.get(id(path[0]))) is not None:
        path.insert(0, parent)
    return node.children, path


def _first(text: str) -> int:
    if text and not (text.isascii() and text.isdigit() and len(text) < 7):
        raise ConfigError(f"first={text!r} is no number of a row")
    return int(text or 0)


class _View:
    """Rows of a run's nodes."""

    def __init__(self, found: Run, span: Span) -> None:
        self._run = found
        self._span = span
        self._loops = found.loops
        self._cost = found.total["cost_usd"]

    def rows(self, tops: Sequence[Node], parent: Node | None, first: int) -> list[Row]:
        """The part from `first` on, in depth as far as it stays readable."""
        rows: list[Row] = []
        waiting: list[tuple[int, Node | Row]] = []
        self._push(waiting, tops, parent, depth=0, first=first, most=_AT_TOP)
        while waiting:
            depth, node = waiting.pop()
            if isinstance(node, Row):
                rows.append(node)
                continue
            fits = len(rows) + len(waiting) < _IN_ALL and depth < _DEEPEST
            rows.append(self._row(node, depth, is_folded=bool(node.children) and not fits))
            if fits:
                self._push(waiting, node.children, node, depth=depth + 1, most=_NESTED)
        return rows

    def above(self, path: Sequence[Node]) -> list[tuple[str, str]]:
        """What the shown part is in, from the run down to the part itself."""
        if not path:
            return []
        return [(f"All of the {self._run.kind}", self._href()), *(
            (node.name, self._href(node)) for node in path
        )]  # fmt: skip

    def _push(
        self,
        waiting: list[tuple[int, Node | Row]],
        nodes: Sequence[Node],
        parent: Node | None,
        *,
        depth: int,
        most: int,
        first: int = 0,
    ) -> None:
        shown, rest = nodes[first : first + most], nodes[first + most :]
        if rest:
            waiting.append((depth, self._more(rest, parent, depth, first + most)))
        waiting.extend((depth, node) for node in reversed(shown))

    def _more(self, rest: Sequence[Node], parent: Node | None, depth: int, first: int) -> Row:
        calls = sum(node.sums.calls for node in rest)
        costs = [node.sums.cost_usd for node in rest if node.sums.cost_usd is not None]
        return Row(
            depth=depth,
            name=f"{formatting.count(len(rest))} more rows",
            kind="more",
            href=self._href(parent, first),
            calls=formatting.count(calls),
            cost=formatting.usd(sum(costs) if costs else None),
        )

    def _row(self, node: Node, depth: int, *, is_folded: bool) -> Row:
        sums, row = node.sums, node.row
        cost = sums.cost_usd
        is_call = node.kind == "call"
        times = self._loops.get(row["request_fingerprint"], 0) if is_call else 0
        return Row(
            depth=depth,
            name=f"{node.name} {node.id[:8]}…" if node.kind == "trace" and node.id else node.name,
            kind=node.kind,
            href=self._link(node, is_folded=is_folded),
            hint=_hint(node, is_folded=is_folded),
            started=_offset((node.start - self._run.total["first_ts"]).total_seconds()),
            duration=formatting.duration(node.duration_ms),
            calls="" if is_call and sums.calls == 1 else formatting.count(sums.calls),
            tokens=" → ".join(map(formatting.short, (sums.input_tokens, sums.output_tokens))),
            tokens_title=f"{formatting.count(sums.input_tokens)} in, of them "
            f"{formatting.count(sums.cache_read_tokens)} from cache, "
            f"{formatting.count(sums.output_tokens)} out",
            cost=formatting.usd(cost),
            exact="" if cost is None else formatting.plain(cost),
            share=float(cost / self._cost) if cost and self._cost else 0.0,
            is_failed=node.is_failed,
            times=times,
        )

    def _link(self, node: Node, *, is_folded: bool) -> str:
        if is_folded:
            return self._href(node)
        if node.kind == "call":
            return self._span.href("/call", id=node.id)
        if node.kind == "trace" and node.id:
            return run_link(self._span, "trace", node.id)
        return self._href(node) if node.children else ""

    def _href(self, node: Node | None = None, first: int = 0) -> str:
        own = {"node": node.id if node else "", "first": str(first) if first else ""}
        return run_link(self._span, self._run.kind, self._run.id, **own)


def _hint(node: Node, *, is_folded: bool) -> str:
    row: Mapping[str, Any] = node.row
    said = [f"{formatting.calls(node.sums.calls)} inside"] if is_folded else []
    if node.kind == "call":
        said += [row["agent"], row["feature"], row["call_site"].split(" (")[0], row["error"]]
    elif node.kind == "span":
        said += [row["service"], row["scope"]]
    return " · ".join(dict.fromkeys(filter(None, said)))


def _offset(seconds: float) -> str:
    return "+0" if seconds <= 0 else f"+{formatting.duration(seconds * 1000)}"


def _stats(found: Run) -> list[Stat]:
    total = found.total
    cost = total["cost_usd"]
    took = (total["last_ts"] - total["first_ts"]).total_seconds()
    largest = max(call["input_tokens"] for call in found.calls)
    return [
        Stat(
            name="Cost",
            value=formatting.usd(cost),
            exact=None if cost is None else format(cost, "f"),
            hint=f"{formatting.calls(total['unpriced_calls'])} unpriced"
            if total["unpriced_calls"]
            else "",
            explained="List prices in USD of every priced call of the run.",
        ),
        Stat(
            name="Calls",
            value=formatting.count(total["calls"]),
            hint=f"{formatting.count(total['errors'])} failed" if total["errors"] else "",
        ),
        Stat(
            name="Input tokens",
            value=formatting.short(total["input_tokens"]),
            hint=f"{_of(total['cache_read_tokens'], total['input_tokens'])} from cache",
        ),
        Stat(name="Output tokens", value=formatting.short(total["output_tokens"])),
        Stat(
            name="Largest prompt",
            value=formatting.short(largest),
            hint="tokens",
            explained="Input tokens of the call with most of them.",
        ),
        Stat(
            name="Took",
            value=formatting.duration(took * 1000),
            hint=f"from {formatting.when(total['first_ts'])} UTC",
            explained="From the start of the first call to the end of the last.",
        ),
    ]


def _growth(found: Run) -> list[Chart]:
    """How prompts grew from call to call, and what the run had cost after each."""
    if len(found.calls) < 2:
        return []
    size = -(-len(found.calls) // _POSITIONS)
    groups = [found.calls[n : n + size] for n in range(0, len(found.calls), size)]
    names = [_named(n * size + 1, len(group)) for n, group in enumerate(groups)]
    largest = [max(group, key=lambda call: call["input_tokens"]) for group in groups]
    parts = (
        ("from cache", "c2", "cache_read_tokens"),
        ("to cache", "c1", "cache_write_tokens"),
        ("uncached", "c0", "uncached_input_tokens"),
    )
    shared: dict[str, Any] = {
        "names": names,
        "ticks": [str(n * size + 1) for n in range(len(groups))],
        "heading": "Call",
    }
    each = "each call" if size == 1 else f"the largest prompt of each {size} calls"
    return [
        Chart(
            title=f"Prompt of {each}, in tokens",
            label=f"Stacked bars: input tokens of {each}, in order of time. The figures follow.",
            kind="bar",
            unit="count",
            series=[
                Series(name=name, colour=colour, values=[float(call[key]) for call in largest])
                for name, colour, key in parts
            ],
            **shared,
        ),
        Chart(
            title="Cost so far",
            label="A line: what the run had cost after each call. The figures follow.",
            kind="line",
            unit="usd",
            series=[Series(name="Cost so far", colour="c0", values=_so_far(groups))],
            **shared,
        ),
    ]


def _named(first: int, calls: int) -> str:
    return f"call {first}" if calls == 1 else f"calls {first} to {first + calls - 1}"


def _so_far(groups: Sequence[Sequence[Mapping[str, Any]]]) -> list[Decimal | None]:
    """Known costs up to the end of each group; None before the first."""
    total: Decimal | None = None
    found: list[Decimal | None] = []
    for group in groups:
        for call in group:
            if call["cost_usd"] is not None:
                total = (total or Decimal(0)) + call["cost_usd"]
        found.append(total)
    return found


def _of(part: int, total: int) -> str:
    return formatting.share(part / total) if total else "0.0%"


def _notes(found: Run) -> list[str]:
    notes: list[str] = []
    if found.total["calls"] > len(found.calls):
        notes.append(
            f"The first {MOST_CALLS:,} of {found.total['calls']:,} calls are shown below; the "
            "figures on top count all of them."
        )
    nested = any(node.children for node in found.tops)
    if not found.has_spans and len(found.calls) > 1 and not nested:
        notes.append(
            "A flat list: no spans around these calls are stored, so what led to which is unknown."
        )
    return notes


def _calls(found: Run) -> Table:
    """For CSV only: the tree shows them."""
    rows = [pick(call, _CALLS) for call in found.calls]
    report = Report(title="Calls", columns=_CALLS, rows=rows)
    return replace(table("Calls", replace(report, rows=[])), report=report)


def _repeated(found: Run, span: Span) -> list[Table]:
    repeated = found.repeated
    if not repeated.rows:
        return []

    def link(record: Record) -> str:
        return span.href("/call", id=str(record["record_id"]))

    headings = {"cost_usd": "Cost", "repeated_usd": "of it repeats", "record_id": "First call"}
    return [table(repeated.title, repeated, Dress(links={"record_id": link}, headings=headings))]
