# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""The review's sections on what was spent, by whom and where, and why it changed."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from otel_llmcost import schema
from otel_llmcost.attribution.periods import MEANING, Change
from otel_llmcost.reports.comparison import span
from otel_llmcost.reports.formatting import count, share, usd
from otel_llmcost.reports.outcomes import outcomes
from otel_llmcost.reports.report import Column, Report, Row, pick, records
from otel_llmcost.reports.spend import by_clause
from otel_llmcost.review.page import TOP, Context, Section


def total(context: Context, statements: tuple[str, ...]) -> Section:
    """Both windows side by side."""
    month, found = context.month, context.total
    rows: list[Row] = [(span(month.since, month.until), found["calls"], found["cost_usd"])]
    if context.change:
        rows.append((month.earlier, found["earlier_calls"], found["earlier_usd"]))
    columns = (Column("time"), Column("calls", "count"), Column("cost_usd", "usd"))
    return Section(
        key="total",
        title="Total",
        statements=statements,
        report=Report(title="", columns=columns, rows=rows),
    )


def why(context: Context, statements: tuple[str, ...]) -> Section:
    """The change by its reasons, with the features that make most of each."""
    change, unpriced = context.change, context.total["unpriced_calls"]
    if change is None:
        text = (
            f"No calls in {context.month.earlier}: nothing to compare with. "
            "Weeks can be: otel-llmcost diff 14d..7d 7d.."
        )
        return Section(key="change", title="Why it changed", text=text, statements=statements)
    rows: list[Row] = [
        (part, amount, MEANING[part], _mostly(change, part))
        for part, amount in sorted(change.parts().items(), key=lambda item: -abs(item[1]))
        if amount
    ]
    text = f"Compared with {context.month.earlier}."
    if unpriced:
        text += f" Calls of unknown cost ({count(unpriced)}) are no part of it."
    columns = (Column("part"), Column("change_usd", "usd"), Column("meaning"), Column("mostly"))
    return Section(
        key="change",
        title="Why it changed",
        statements=statements,
        text=text,
        report=Report(
            title="", columns=columns, rows=rows, total=("total", change.change_usd, "", "")
        ),
    )


def _mostly(change: Change, part: str) -> str:
    """The features with the largest share of one part."""
    by_feature: dict[str, Decimal] = {}
    for row in change.rows:
        feature = str(row["feature"])
        by_feature[feature] = by_feature.get(feature, Decimal(0)) + row[f"{part}_usd"]
    named = sorted((i for i in by_feature.items() if i[1]), key=lambda item: -abs(item[1]))
    return ", ".join(f"{name} {usd(amount)}" for name, amount in named[:2])


_BY = (
    Column("cost_usd", "usd"),
    Column("cost_share", "share"),
    Column("change_usd", "usd"),
    Column("calls", "count"),
)


def by_dimension(context: Context) -> Iterator[Section]:
    """Features, models and teams, with what they cost more than before."""
    for name in ("feature", "model", "team"):
        sql = by_clause(schema.query("review_by"), [name])
        found = records(context.query(sql, context.parameters(limit=TOP + 3)))
        columns = (Column(name), *(c for c in _BY if context.change or c.name != "change_usd"))
        rows = [(row["dimension_1"] or "(none)", *pick(row, columns[1:])) for row in found]
        text = ""
        if name == "team" and not any(row["dimension_1"] for row in found):
            text, rows = 'No call names a team: @llmcost.feature("…", team="docs") does.', []
        elif found and found[0]["all_rows"] > len(found):
            text = f"The first {len(found)} of {found[0]['all_rows']}."
        yield Section(
            key=name,
            title=f"By {name}",
            text=text,
            report=Report(title="", columns=columns, rows=rows),
            statements=context.query.drain(),
        )


def users_and_outcomes(context: Context) -> Iterator[Section]:
    """The most expensive users; what a user and what an outcome cost."""
    found = records(context.query(schema.query("review_users"), context.parameters(limit=TOP)))
    statements = context.query.drain()
    no_user = "" if found else "No call names a user: llmcost.allocate(user=…) does."
    columns = (
        Column("user_id"),
        Column("cost_usd", "usd"),
        Column("cost_share", "share"),
        Column("calls", "count"),
    )
    users = Report(title="", columns=columns, rows=[pick(row, columns) for row in found])
    yield Section(key="user", title="By user", text=no_user, report=users, statements=statements)
    units: list[Row] = []
    if found:
        each, all_users = found[0]["user_usd"], found[0]["all_users"]
        units.append(("a user", all_users, each))
    counted = outcomes(context.query, context.window, TOP).records()
    units += [
        (f"{row['outcome']} ({row['feature']})", row["outcomes"], row["cost_per_outcome_usd"])
        for row in counted
    ]
    advice = "" if counted else 'No outcome was recorded: llmcost.outcome("ticket_resolved") does.'
    shown = (Column("unit"), Column("count", "count"), Column("each_usd", "usd"))
    yield Section(
        key="units",
        title="What a unit costs",
        text=" ".join(filter(None, (no_user, advice))),
        report=Report(title="", columns=shown, rows=units),
        statements=(*statements, *context.query.drain()),
    )


def pareto(context: Context) -> Iterator[Section]:
    """The few calls that are most of the spend."""
    found = records(context.query(schema.query("review_pareto"), context.parameters(limit=TOP)))
    columns = (
        Column("feature"),
        Column("model"),
        Column("call_site"),
        Column("cost_usd", "usd"),
        Column("cost_share", "share"),
        Column("call_share", "share"),
    )
    text = "No call has a known cost."
    if found:
        first = found[0]
        text = (
            f"{first['top_rows']} of {first['all_rows']} places in the code, with "
            f"{share(first['top_call_share'])} of the calls, make 80 % of the spend."
        )
    yield Section(
        key="pareto",
        title="Where 80 % of the spend is",
        text=text,
        report=Report(title="", columns=columns, rows=[pick(row, columns) for row in found]),
        statements=context.query.drain(),
    )
