# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""What any page is made of: figures, charts and tables, in that order."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, ClassVar, Literal, TypeVar
from urllib.parse import urlencode

from otel_llmcost import reports, schema
from otel_llmcost.reports import Query, Report, formatting, pipeline
from otel_llmcost.reports.dimensions import DIMENSIONS
from otel_llmcost.reports.entity import WHO
from otel_llmcost.reports.explore import explore
from otel_llmcost.reports.query_log import RecordingQuery
from otel_llmcost.reports.selection import NONE, TAG, Selection
from otel_llmcost.serve.web import charts
from otel_llmcost.serve.web.charts import SLOTS, Chart, Series
from otel_llmcost.serve.web.colours import Colours, colours
from otel_llmcost.serve.web.graphics import HeatMap, Waterfall
from otel_llmcost.serve.web.span import Span
from otel_llmcost.serve.web.table import Link, Record, Table

_LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stat:
    """One figure of the first row."""

    name: str
    value: str
    exact: str | None = None
    """All digits, for machines and for pointing at it."""
    hint: str = ""
    explained: str = ""
    href: str = ""
    """The page that has more of it."""
    trouble: str = ""
    """Why it needs a look, as a part of a sentence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One field of a page's form beside its span."""

    name: str
    label: str
    value: str
    choices: Sequence[str] = ()
    """Without any, it is typed."""
    words: Mapping[str, str] = field(default_factory=dict[str, str])
    """What choices are called, where that is not what they are."""
    hidden: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What the template draws. `empty` says why there is nothing, and then the rest is unused.

    A page with more than figures, charts and tables is a subclass with a template of its own,
    which extends `page.html` and adds to its blocks.
    """

    template: ClassVar[str] = "page.html"
    under: ClassVar[str] = ""
    """Path of the page in the navigation that leads to this one, where it is not there itself."""
    draws: ClassVar[bool] = False
    """Whether its own template draws charts, beside those in `charts`."""

    path: str
    title: str
    span: Span
    stats: Sequence[Stat] = ()
    notes: Sequence[str] = ()
    """What must be known before the figures are believed."""
    charts: Sequence[Chart] = ()
    sizes: Sequence[Any] = ()
    """Bars of a histogram, see `calls.Size`."""
    columns: Mapping[str, bool] = field(default_factory=dict[str, bool])
    """What the table can show, and whether it does."""
    tables: Sequence[Table] = ()
    fields: Sequence[Field] = ()
    timeless: bool = False
    """The range and the environment change nothing here."""
    empty: str | None = None
    status: int = 200
    """Of HTTP: 404 for a page about something that is not there."""
    bare: bool = False
    """The store holds nothing at all: the page explains how to begin."""
    environments: Sequence[str] = field(default_factory=list[str])
    kept: Selection | None = None
    """The conditions that narrow its figures; None for all."""
    behind: str = ""
    """What a reader must know of rollups that are behind; empty when they are not."""

    @property
    def idle(self) -> Selection:
        """The conditions that narrow nothing here."""
        return Selection() if self.kept is None else self.span.selection.without_all(self.kept)

    @property
    def is_picked(self) -> bool:
        """Whether every field is a list, so that what is picked can take effect at once."""
        return all(one.choices or one.hidden for one in self.fields)

    @property
    def panels(self) -> dict[str, tuple[str, Report]]:
        """Title and figures of every panel, by what `csv=` calls it."""
        drawn = {f"chart-{n}": (one.title, one.report) for n, one in enumerate(self.charts)}
        return drawn | {str(n): (one.title, one.report) for n, one in enumerate(self.tables)}


@dataclass(frozen=True, slots=True)
class Route:
    """What answers a path, and the parameters it takes beside range and conditions."""

    build: Callable[[Query, Span, Mapping[str, str]], Page]
    parameters: tuple[str, ...] = ()
    label: str = ""
    """Its name in the navigation; empty for a page that others lead to."""
    is_rolled_up: bool = True
    """Whether figures of the page come from rollups."""


_Panel = TypeVar("_Panel", Chart, Table, Waterfall, HeatMap)


def with_sql(query: Query, make: Callable[[Query], _Panel]) -> _Panel:
    """A panel with the statements it was made of: `make` takes the query function to use."""
    recorded = RecordingQuery(query)
    made = make(recorded)
    return replace(made, sql=recorded.drain())


def environments(query: Query, span: Span) -> list[str]:
    """Those that sent calls within 90 days."""
    since = reports.Window(span.now - timedelta(days=90))
    found = query(schema.query("environments"), since.parameters()).rows
    return [str(row[0]) for row in found if row[0]]


def behind(query: Query, page: Page) -> str:
    """How far the rollups behind a page's figures are behind, in one line; empty when they keep
    up. A page without a range is about all hours."""
    span = page.span
    since, until = (span.earlier.since if span.earlier else span.since), span.until
    if page.timeless:
        since, until = _LONG_AGO, max(span.now, until)
    found = pipeline.behind(query, since, until, span.now)
    if found is None:
        return ""
    hours = f"{formatting.count(found.hours)} hour{'s' * (found.hours != 1)}"
    built = "never built"
    if found.last_built:
        built = f"last built {formatting.when(found.last_built)} UTC"
    return (
        f"Rollups are {hours} behind ({built}). These hours are added up from the records: that "
        "takes longer, and replies that two emitters reported may still count twice."
    )


def totals(query: Query, span: Span, *more: str) -> tuple[dict[str, Any], dict[str, Any] | None]:
    """Measures of the whole span, and of what it is compared with; None for nothing."""
    measures = ("cost_usd", "calls", "unpriced_calls", *more)
    [now] = explore(query, span.window, span.selection, [], measures) or [_nothing(measures)]
    if span.earlier is None:
        return now, None
    earlier = explore(query, span.earlier, span.selection, [], measures)
    return now, earlier[0] if earlier else _nothing(measures)


def _nothing(measures: Sequence[str]) -> dict[str, Any]:
    return {name: None if name == "cost_usd" else 0 for name in measures}


def unpriced(query: Query, span: Span, now: Mapping[str, Any]) -> list[str]:
    """Why calls have no price, and what to do."""
    if not now["unpriced_calls"]:
        return []
    return reports.unpriced_note(query, span.window, span.selection).splitlines()


def not_narrowed(span: Span, kept: Selection) -> list[str]:
    """What a reader must know of a panel that can only keep some conditions."""
    rest = span.selection.without_all(kept)
    return [f"Not narrowed by “{rest}”, which is not known here."] if rest.conditions else []


def noted(report: Report, lines: Sequence[str]) -> Report:
    """With more lines before its note."""
    return replace(report, note="\n".join([*lines, *(report.note or "").splitlines()]) or None)


def spend_stats(
    now: Mapping[str, Any], earlier: Mapping[str, Any] | None, span: Span
) -> list[Stat]:
    """What was spent, how many calls it was, and how many of them have no price."""
    cost, before = now["cost_usd"], earlier or {}
    return [
        Stat(
            name="Spend",
            value=formatting.usd(cost),
            exact=None if cost is None else format(cost, "f"),
            hint=_change(cost, before.get("cost_usd"), span),
            explained="List prices in USD of every priced call in the range.",
            href=span.href("/calls", sort="cost"),
        ),
        Stat(
            name="Calls",
            value=formatting.count(now["calls"]),
            hint=_change(now["calls"], before.get("calls"), span),
            explained="Replies recorded, each once.",
            href=span.href("/calls"),
        ),
        Stat(
            name="Unpriced",
            value=formatting.share(ratio(now["unpriced_calls"], now["calls"])),
            hint=formatting.calls(now["unpriced_calls"] or 0),
            explained="Share of calls whose cost is unknown; they are not in the spend.",
            href=span.adding("status", "unpriced").href("/calls") if now["unpriced_calls"] else "",
        ),
    ]


def ratio(part: float | None, total: float | None) -> float | None:
    """None when there is nothing to divide by."""
    return float(part or 0) / float(total) if total else None


BY = (
    *("feature", "model", "user", "team", "tag.customer", "session", "provider", "service"),
    *("environment", "operation", "mode", "agent", "workflow", "version", "call_site", "status"),
)
"""Dimensions that the page offers; a URL may name any other and any `tag.<allocation key>`."""


def dimension_in(wanted: Mapping[str, str]) -> str:
    """What `by` names, `feature` unless given; allocation keys may come without their `tag.`."""
    by = wanted.get("by", "") or "feature"
    return by if by in DIMENSIONS or by == "outcome" or by.startswith(TAG) else f"{TAG}{by}"


def by_field(by: str, *more: str) -> Field:
    """What a page's figures are split by."""
    known = (*BY, *more)
    return Field(name="by", label="By", value=by, choices=known if by in known else (*known, by))


def spend_chart(query: Query, span: Span, path: str, by: str) -> Chart:
    """Spend over time by a dimension, as a panel of `path`, beside what it is compared with."""
    colour = colours(query, [by])
    chart = with_sql(query, lambda traced: measured(
        traced, span, [by], "cost_usd", colour, lambda other: other.href(path, by=by)
    ))  # fmt: skip
    return with_earlier(query, span, chart, "cost_usd")


def measured(
    query: Query,
    span: Span,
    by: Sequence[str],
    measure: str,
    colour: Colours,
    href: Callable[[Span], str],
    kind: Literal["bar", "line"] = "bar",
) -> Chart:
    """Any measure over time by up to two dimensions."""
    found = explore(
        query, span.window, span.selection, by, [measure],
        starts=span.buckets, limits=[SLOTS], as_pairs=len(by) == 2,
    )  # fmt: skip
    return charts.over_time(span, found, by, measure, colour, href, kind)


def with_earlier(query: Query, span: Span, chart: Chart, measure: str) -> Chart:
    """The chart, and as a dashed line all of the time that it is compared with."""
    if span.earlier is None:
        return chart
    starts = span.earlier_buckets
    found = explore(query, span.earlier, span.selection, [], [measure], starts=starts)
    values = {row["bucket"]: row[measure] for row in found}
    if not values:
        return chart
    shown = [values.get(start) for start in starts]
    shown += [None] * (len(span.buckets) - len(starts))
    line = Series(name=span.compared, colour="soft", values=shown, is_dashed=True)
    return replace(chart, series=[*chart.series, line])


def deeper(span: Span, by: str) -> dict[str, Link]:
    """From each value of a dimension to what is known of it: the page of a user, team, allocation
    key or session; else its own spend, by the dimension that says most of it."""
    then = "model" if by == "feature" else "feature"

    def narrowed(record: Record) -> str | None:
        value = str(record.get(by.removeprefix(TAG)) or "")
        if value in ("", NONE):
            return span.adding(by, value).href("/explore", by=then) if value else None
        if by == "session":
            return run_link(span, by, value)
        if by in WHO or by.startswith(TAG):
            return entity_link(span, by, value)
        return span.adding(by, value).href("/explore", by=then)

    return {by.removeprefix(TAG): narrowed}


def call_links(span: Span) -> dict[str, Link]:
    """From rows about calls to the calls themselves, and from features to their models."""

    def call(record: Record) -> str | None:
        name = record.get("record_id") or record.get("worst_record_id")
        return span.href("/call", id=str(name)) if name else None

    def trace(record: Record) -> str | None:
        name = record.get("trace_id") or record.get("worst_trace_id")
        return run_link(span, "trace", str(name)) if name else None

    return {
        "ts": call,
        "detected_at": call,
        "start": call,
        "trace_id": trace,
        "worst_trace_id": trace,
        "feature": lambda record: feature_link(span, record),
    }


def entity_link(span: Span, name: str, value: str) -> str:
    """The page of one user, team or value of an allocation key."""
    kept = tuple(one for one in span.selection.conditions if one.name != name)
    return replace(span, selection=Selection(kept).adding(name, value)).href("/entity")


def run_link(span: Span, kind: str, name: str, **more: str) -> str:
    """The page of one run; the conditions stay, but for one that the run's own id would repeat."""
    kept = tuple(one for one in span.selection.conditions if one.name != kind)
    return replace(span, selection=Selection(kept)).href("/run", **{kind: name}, **more)


def feature_link(span: Span, record: Record) -> str | None:
    """The models and the most expensive calls of a row's feature."""
    name = record.get("feature")
    return span.adding("feature", str(name)).href("/explore", by="model") if name else None


def incident_link(record: Record) -> str | None:
    """The page of a row's incident."""
    name = record.get("incident_id")
    return f"/incident?{urlencode({'id': str(name)})}" if name else None


def _change(now: Decimal | int | None, earlier: Decimal | int | None, span: Span) -> str:
    if now is None or not earlier:
        return ""
    change = float(now) / float(earlier) - 1
    if abs(change) < 0.005:
        return f"as in {span.compared}"
    size = f"{change:+.0%}" if change < 10 else f"{change + 1:.0f}x"
    return f"{size} vs {span.compared}"
