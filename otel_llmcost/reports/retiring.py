# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Which features use a model that will be switched off, and what its successor costs."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any

from otel_llmcost import schema
from otel_llmcost.pricing.retirements import PROVIDERS, RETIREMENTS, Retirement
from otel_llmcost.reports.formatting import usd
from otel_llmcost.reports.report import Column, Query, Report, Row, records
from otel_llmcost.reports.window import Window

COLUMNS = (
    *(Column("model"), Column("retires_on"), Column("feature"), Column("calls", "count")),
    *(Column("cost_usd", "usd"), Column("successor"), Column("successor_usd", "usd")),
)


def retiring(
    query: Query, window: Window, models: Iterable[Retirement] = RETIREMENTS.values()
) -> Report:
    """Use of retiring models in a window, in whole UTC days; one row per feature and model.

    `successor_usd` is the list price of the same tokens at the successor; it says nothing about
    quality, and another model may need more or fewer tokens. None where it is unknown.
    """
    known = list(models)
    parameters = window.parameters(
        providers=list(PROVIDERS),
        models=[one.model for one in known],
        successors=[one.successor for one in known],
    )
    found = records(query(schema.query("retiring"), parameters))
    rows = sorted((_row(row) for row in found), key=lambda row: (row[1], row[0], row[2] or ""))
    return Report(title="Models that will be switched off", columns=COLUMNS, rows=rows)


def _row(row: dict[str, Any]) -> Row:
    about = RETIREMENTS[row["model"]]
    return (
        *(about.model, about.day, row["feature"] or None, row["call_count"]),
        *(row["spent_usd"], about.successor, row["successor_usd"]),
    )


def sentence(model: str, rows: list[dict[str, Any]], today: date) -> str:
    """What the rows of one model say: who uses it, until when, and the price of what is next."""
    about = RETIREMENTS[model]
    names = ", ".join(row["feature"] or "untagged calls" for row in rows)
    left = (about.day - today).days
    when = f"in {left} days" if left > 1 else ("tomorrow" if left == 1 else "now")
    now, then = (_sum(row[name] for row in rows) for name in ("cost_usd", "successor_usd"))
    verb = "retires" if left > 0 else "is retired"
    return (
        f"{model} {verb} on {about.day} ({when}) and is used by {names}: {usd(now)}; "
        f"the same tokens on {about.successor} cost {usd(then)}"
    )


def _sum(values: Iterable[Decimal | None]) -> Decimal | None:
    known = list(values)
    return None if None in known else sum((v for v in known if v is not None), Decimal(0))
