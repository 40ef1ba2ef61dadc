# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""The review's sections on what can be done: waste, caching, savings, budgets, anomalies."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

from otel_llmcost import schema
from otel_llmcost.attribution.periods import phrase, sums
from otel_llmcost.reports.budgets import budgets as budget_report
from otel_llmcost.reports.budgets import for_people
from otel_llmcost.reports.formatting import share, usd
from otel_llmcost.reports.health import anomalies as anomaly_report
from otel_llmcost.reports.query_log import with_values
from otel_llmcost.reports.report import Column, Report, Row, pick, records
from otel_llmcost.reports.retiring import retiring
from otel_llmcost.reports.savings import savings as savings_report
from otel_llmcost.reports.window import sql_time
from otel_llmcost.review.page import TOP, Context, Section

_TAKEN = ("cache", "model", "mode", "prompt", "output", "rates", "tools")
"""Parts of a change that somebody has to do something for."""
_CHECK = " Check the quality."
_WASTE = {
    "truncated": "answers cut off at the token limit",
    "failed": "replies that ended in an error",
    "abandoned": "streams that were not read to the end",
    "unanswered": "attempts without an answer: at most, if they were billed",
}


def calls(context: Context) -> Iterator[Section]:
    """What was paid for nothing, latency, how complete the figures are, and the next savings."""
    found = records(context.query(schema.query("review_calls"), context.parameters(limit=TOP)))
    statements = context.query.drain()
    levers = savings_report(context.query, context.window, 1000).records()
    savings_statements = context.query.drain()
    yield _waste(context, found[0], levers, (*statements, *savings_statements))
    columns = (
        Column("feature"),
        Column("cost_usd", "usd"),
        Column("call_usd", "usd"),
        Column("p50_ms", "ms"),
        Column("p95_ms", "ms"),
    )
    yield Section(
        key="latency",
        title="Latency beside cost",
        report=Report(title="", columns=columns, rows=[pick(row, columns) for row in found]),
        statements=statements,
    )
    yield _trust(context, found[0], statements)
    yield _next(levers, savings_statements)


def _waste(
    context: Context,
    first: dict[str, Any],
    levers: list[dict[str, Any]],
    statements: tuple[str, ...],
) -> Section:
    spent = first["all_usd"]
    # 0 where no call was of the kind; None where what those cost is unknown.
    lost = {k: first[f"all_{k}_usd"] if first[f"all_{k}"] else Decimal(0) for k in _WASTE}
    rows: list[Row] = [
        (meaning, first[f"all_{kind}"], lost[kind], _part(lost[kind], spent))
        for kind, meaning in _WASTE.items()
    ]
    text = ""
    again = [row for row in levers if str(row["lever"]).startswith("duplicate")]
    if again:
        repeated = sum((row["saving_usd"] for row in again), Decimal(0))
        number = sum(int(row["calls"]) for row in again)
        what = "requests repeated within a day (some may be among the above)"
        rows.append((what, number, repeated, _part(repeated, spent)))
    elif not context.query(schema.query("fingerprinted"), context.parameters(limit=1)).rows[0][0]:
        text = "Repeated requests are unknown: no call carries a fingerprint."
    columns = (
        Column("what"),
        Column("calls", "count"),
        Column("cost_usd", "usd"),
        Column("share", "share"),
    )
    sure = sum((lost[kind] or Decimal(0) for kind in _WASTE if kind != "unanswered"), Decimal(0))
    return Section(
        key="waste",
        title="Paid for nothing",
        text=text,
        summary=f"{usd(sure)} went into answers that were cut off, failed or never read."
        if sure
        else "",
        report=Report(title="", columns=columns, rows=rows),
        statements=(*statements, *context.query.drain()),
    )


def _part(part: Decimal | None, total: Decimal | None) -> float | None:
    return None if part is None or not total else float(part / total)


def _trust(context: Context, first: dict[str, Any], statements: tuple[str, ...]) -> Section:
    tagged = first["all_tagged_calls"] / first["all_calls"]
    known = 1 - context.total["unpriced_calls"] / context.total["calls"]
    rows: list[Row] = [("calls with a known cost", known), ("calls with a feature tag", tagged)]
    text = ""
    if tagged < 0.95:
        text = 'Untagged calls go by the function that made them: @llmcost.feature("…") names them.'
    return Section(
        key="trust",
        title="How complete these figures are",
        text=text,
        report=Report(title="", columns=(Column("what"), Column("share", "share")), rows=rows),
        statements=(with_values(schema.query("review_total"), context.parameters()), *statements),
    )


def _next(levers: list[dict[str, Any]], statements: tuple[str, ...]) -> Section:
    """The largest savings of the plan, in which no dollar counts twice."""
    columns = (
        Column("lever"),
        Column("feature"),
        Column("model"),
        Column("saving_usd", "usd"),
        Column("confidence"),
        Column("assumption"),
    )
    plan: list[dict[str, Any]] = [
        {**row, "assumption": f"{row['assumption']}{_CHECK if row['needs_quality_check'] else ''}"}
        for row in levers
        if row["in_plan"]
    ]
    best = sorted(plan, key=lambda row: -row["saving_usd"])[:TOP]
    savings = sum((row["saving_usd"] for row in best), Decimal(0))
    return Section(
        key="next",
        title="The next five savings",
        text="" if best else "No lever would have saved anything on these calls.",
        summary=f"The savings listed would have made it {usd(savings)} less." if best else "",
        report=Report(title="", columns=columns, rows=[pick(row, columns) for row in best]),
        statements=statements,
    )


def cache(context: Context) -> Iterator[Section]:
    """Hit rate and what caching saved net of writes."""
    found = records(context.query(schema.query("review_cache"), context.parameters(limit=TOP)))
    columns = (
        Column("feature"),
        Column("model"),
        Column("hit_rate", "share"),
        Column("net_saving_usd", "usd"),
    )
    text = "No call read or wrote a prompt cache."
    if found:
        saved = found[0]["all_net_saving_usd"]
        text = f"{share(found[0]['all_hit_rate'])} of all input tokens came from the cache"
        text += f", which saved {usd(saved)} net of writes." if saved is not None else "."
    yield Section(
        key="cache",
        title="Prompt cache",
        text=text,
        report=Report(title="", columns=columns, rows=[pick(row, columns) for row in found]),
        statements=context.query.drain(),
    )


def taken(context: Context) -> Iterator[Section]:
    """What somebody made cheaper since the time before, as the parts of the change say it."""
    rows: list[Row] = [
        (-amount, row["feature"], row["model"], phrase(part, amount))
        for row in (context.change.rows if context.change else [])
        for part, amount in sums([row]).items()
        if part in _TAKEN and amount < 0
    ]
    rows.sort(key=lambda row: (-row[0], row[1:]))
    columns = (Column("saved_usd", "usd"), Column("feature"), Column("model"), Column("how"))
    text = f"Against {context.month.earlier}." if context.change else "Nothing to compare with."
    yield Section(
        key="taken",
        title="Savings taken",
        text=text if rows or not context.change else f"None against {context.month.earlier}.",
        report=Report(title="", columns=columns, rows=rows[:TOP]),
    )


def budgets(context: Context) -> Iterator[Section]:
    """Budgets as they stand, and how a running month will end."""
    summary = ""
    if not context.month.is_over:
        # The running hour is only partly spent: the rate stands for it.
        spent_until = sql_time(context.month.until - timedelta(hours=1))
        parameters = context.parameters(until=spent_until)
        (row,) = records(context.query(schema.query("review_forecast"), parameters))
        if row["forecast_usd"] is not None:
            summary = (
                f"At {usd(row['burn_usd_per_day'])} a day (the last seven whole days), the month "
                f"ends with {usd(row['forecast_usd'])}."
            )
    report = for_people(budget_report(context.query, context.month.zone))
    names = ("name", "amount_usd", "spent_usd", "used_share", "state", "forecast_usd")
    columns = tuple(column for column in report.columns if column.name in names)
    rows = [pick(row, columns) for row in report.records()]
    text = "As they stand today." if rows else "No budgets: `otel-llmcost budgets set 500`."
    yield Section(
        key="budgets",
        title="Budgets and forecast",
        text=" ".join(filter(None, (summary, text))),
        summary=summary,
        report=Report(title="", columns=columns, rows=rows),
        statements=context.query.drain(),
    )


def anomalies(context: Context) -> Iterator[Section]:
    """What detection found in the month."""
    report = anomaly_report(context.query, context.window, TOP)
    columns = tuple(column for column in report.columns if not column.detail)
    yield Section(
        key="anomalies",
        title="Anomalies",
        text="" if report.rows else "None.",
        report=Report(
            title="", columns=columns, rows=[pick(row, columns) for row in report.records()]
        ),
        statements=context.query.drain(),
    )


def retired(context: Context) -> Iterator[Section]:
    """Models in use that their provider will switch off."""
    report = retiring(context.query, context.window)
    models = dict.fromkeys(row["model"] for row in report.records())
    summary = ""
    if models:
        summary = f"{', '.join(models)} will be switched off: see the successors' prices."
    yield Section(
        key="retiring",
        title="Models that will be switched off",
        text="" if models else "None in use.",
        summary=summary,
        report=Report(title="", columns=report.columns, rows=report.rows),
        statements=context.query.drain(),
    )
