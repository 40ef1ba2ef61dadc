# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""What one stored call cost, and why: its facts, and its bill line by line."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from otel_llmcost import schema
from otel_llmcost.pricing.groups import unit_of
from otel_llmcost.reports.formatting import figure, plain, unit_price
from otel_llmcost.reports.report import Column, Kind, Query, Report, Row, marked, records
from otel_llmcost.reports.window import sql_time

_LINES = (
    Column("charge", "count", spare=7),
    Column("model", spare=4),
    Column("bucket"),
    Column("quantity", "raw"),
    Column("unit_price_usd", "exact_usd", detail=True),
    Column("price", "figure", people=True),
    Column("multipliers", spare=2),
    Column("amount_usd", "exact_usd"),
    Column("contracted_usd", "exact_usd", spare=1),
    Column("reason", spare=6),
    Column("rule", spare=3),
    Column("source", footnote=True, spare=5),
)
_AMOUNT, _CONTRACTED = 7, 8
_LIMIT = 50
_LABELS = {"ts": "began (UTC)", "source": "recorded by", "price_geo": "price by region"}
_UNIT = re.compile("_(?:usd|ms|tokens)$")
_ALWAYS_SHOWN = frozenset({"input_tokens", "output_tokens", "cost_usd"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Explained:
    """One stored record."""

    call: dict[str, Any]
    """Columns of the view `calls`; what was not recorded is empty or None."""
    bill: Report
    """Its lines at the store's prices; the total is None when any of them is unknown. The note
    says what differs from what was recorded, and why nothing is known where nothing is."""

    @property
    def facts(self) -> Report:
        """What was recorded, a fact a row, for people; what is absent is left out."""
        rows = [
            (_LABELS.get(name, _UNIT.sub("", name).replace("_", " ")), _shown(name, value))
            for name, value in self.call.items()
            if value not in (None, "", 0, {}) or name in _ALWAYS_SHOWN
        ]
        return Report(
            title=f"Call {self.call['record_id']}",
            columns=(Column("fact"), Column("value")),
            rows=rows,
        )


def explain(query: Query, name: str) -> list[Explained]:
    """Every record whose record, span, response or trace id this is, in order of time.

    Several are one call's retries, or a batch's groups. An unknown id gives an empty list.
    """
    name = name.strip()
    if not name:  # would find every record that lacks one of its ids
        return []
    found = _found(query, name)
    if not found:
        return []
    parameters = {
        "records": [call["record_id"] for call in found],
        "first": sql_time(found[0]["ts"]),
        "last": sql_time(found[-1]["ts"]),
    }
    lines = records(query(schema.query("explain_lines"), parameters))
    return [
        _explained(call, [line for line in lines if line["record_id"] == call["record_id"]])
        for call in found
    ]


def _found(query: Query, name: str) -> list[dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for column in ("record_id", "trace_id", "response_id", "span_id"):
        if column == "span_id" and found:  # has no index: reads that column of all calls
            break
        sql = marked(schema.query("explain_calls"), "id", column)
        for call in records(query(sql, {"id": name, "limit": _LIMIT})):
            found.setdefault(call["record_id"], call)
    calls = sorted(found.values(), key=lambda call: (call["ts"], call["record_id"]))
    return calls[:_LIMIT]


def _explained(call: dict[str, Any], lines: list[dict[str, Any]]) -> Explained:
    rows = [_row(line) for line in lines]
    computed, contracted = _sum(rows, _AMOUNT), _sum(rows, _CONTRACTED)
    total = ("total", *[""] * 6, computed, contracted, "", "", "")
    notes = [*_about_status(call), *_about_lines(call, lines, computed)]
    return Explained(
        call=call,
        bill=Report(
            title="Bill",
            columns=_LINES,
            rows=rows,
            total=total if rows else None,
            note="\n".join(notes) or None,
        ),
    )


def _shown(name: str, value: Any) -> str:
    if name == "price_geo":
        return "as everywhere" if Decimal(value) == 1 else f"x{plain(Decimal(value))}"
    if name == "allocation":
        return ", ".join(f"{key} {given}" for key, given in sorted(value.items()))
    kinds: dict[str, Kind] = {"ts": "time", "tokens": "count", "usd": "exact_usd", "ms": "ms"}
    return figure(kinds.get(name.rpartition("_")[2], "text"), value)


def _row(line: dict[str, Any]) -> Row:
    factors = [(line["mode_multiplier"], "mode"), (line["geo_multiplier"], "geo")]
    if line["amount_usd"] is None:  # no rate was found, so nothing was multiplied
        factors = []
    multipliers = " ".join(f"x{plain(value)} {name}" for value, name in factors if value != 1)
    return (
        *(line["item"], line["model"], line["bucket"], line["quantity"], line["unit_price_usd"]),
        unit_price(line["unit_price_usd"], unit_of(line["bucket"])),
        *(multipliers, line["amount_usd"], line["contracted_usd"]),
        *(line["reason"], _rules(line), line["source"]),
    )


def _rules(line: dict[str, Any]) -> str:
    """The rules of the rate, and that of the geography, which is no part of a rate."""
    return f"{line['rule']}, 11" if line["rule"] and line["geo_multiplier"] != 1 else line["rule"]


def _sum(rows: list[Row], column: int) -> Decimal | None:
    """The exact sum; None when there is nothing to add or a part of it is unknown."""
    values = [row[column] for row in rows]
    if not values or None in values:
        return None
    return sum(values, Decimal(0))


def _about_status(call: dict[str, Any]) -> list[str]:
    status, reason = call["cost_status"], call["cost_reason"] or "no reason given"
    match status:
        case "priced":
            return []
        case "partial":
            return [f"Lower bound ({reason}): part of what was used is not known."]
        case "estimated":
            return [f"Estimate ({reason})."]
        case "not_billed":
            return [f"Not billed ({reason})."]
        case _:
            return [f"Recorded without a price ({reason})."]


def _about_lines(
    call: dict[str, Any], lines: list[dict[str, Any]], computed: Decimal | None
) -> list[str]:
    notes: list[str] = []
    stored, recorded_with = call["cost_usd"], call["price_version"]
    if not lines:
        if call["cost_status"] != "not_billed":
            notes.append("No line of its bill can be shown: its buckets were not recorded.")
        if stored:
            notes.append(f"Recorded cost: ${plain(stored)}.")
        return notes
    books = sorted({line["book_version"] for line in lines if line["book_version"]})
    if recorded_with and books and books != [recorded_with]:
        notes.append(
            f"Recorded with price book {recorded_with}; these lines use {', '.join(books)}."
        )
    if stored is None:
        if computed is not None:
            notes.append(f"Recorded cost: unknown; by these lines: ${plain(computed)}.")
    elif computed is None:
        notes.append(f"Recorded cost: ${plain(stored)}; by these lines: unknown.")
    elif stored != computed:
        notes.append(
            f"Recorded cost: ${plain(stored)}; by these lines: ${plain(computed)} "
            f"(difference ${plain(computed - stored)})."
        )
    return notes
