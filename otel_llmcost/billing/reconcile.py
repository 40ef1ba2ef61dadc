# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Ours against the provider's: what differs, why, what was captured, what discount is paid."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from otel_llmcost import schema
from otel_llmcost.pricing.entries import parse_overlay
from otel_llmcost.reports.comparison import Period, span
from otel_llmcost.reports.formatting import calls, count, share, usd
from otel_llmcost.reports.report import Column, Query, Report, pick, records
from otel_llmcost.reports.window import sql_time

_STEADY = 0.005
"""How far the discount of a day may be from that of all days."""

_COLUMNS = (
    Column("day"),
    Column("provider", spare=3),
    Column("model", spare=1),
    Column("calls", "count", spare=4),
    Column("ours_usd", "usd"),
    Column("theirs_usd", "usd"),
    Column("difference_usd", "usd"),
    Column("captured", "share", spare=5),
    Column("likely_cause", spare=2),
    Column("ours_list_usd", "usd", detail=True),
    Column("theirs_list_usd", "usd", detail=True),
    Column("ours_tokens", "count", detail=True),
    Column("theirs_tokens", "count", detail=True),
    Column("unpriced_calls", "count", detail=True),
    Column("paid_share", "share", detail=True),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconciled:
    """Every day and model, and what they say together."""

    of: Period
    rows: list[dict[str, Any]]

    def report(self, *, only_differences: bool) -> Report:
        """Day by day; tables for people leave out what agrees."""
        shown = [row for row in self.rows if not (only_differences and row["agrees"])]
        return Report(
            title=f"Ours and theirs, {span(self.of.since, self.of.until)}",
            columns=_COLUMNS,
            rows=[pick({**row, "day": str(row["day"])}, _COLUMNS) for row in shown],
            note="\n".join(self._notes()),
        )

    def _notes(self) -> list[str]:
        if not self.rows:
            return [
                "Nothing was imported for this time: `otel-llmcost invoices import FILE` reads the "
                "providers' cost and usage exports."
            ]
        agree = sum(bool(row["agrees"]) for row in self.rows)
        notes = [f"{count(agree)} of {count(len(self.rows))} days and models agree to 0.1 %."]
        notes += [self._captured(provider) for provider in _providers(self.rows)]
        for found in self.discounts():
            text = (
                f"{found.model} costs {share(found.paid)} of list price, every day alike."
                if found.steady
                else f"{found.model} costs {share(found.paid)} of list price, but not every day."
            )
            notes.append(text)
        return notes

    def _captured(self, provider: str) -> str:
        own = [row for row in self.rows if row["provider"] == provider]
        counted = [row for row in own if row["theirs_tokens"]]
        paid = [row for row in own if row["theirs_usd"] is not None]
        texts: list[str] = []
        if counted:
            ours = sum(int(row["ours_tokens"]) for row in counted)
            theirs = sum(int(row["theirs_tokens"]) for row in counted)
            texts.append(f"{share(ours / theirs)} of their tokens were recorded")
        if paid:
            ours_usd, theirs_usd = (
                sum((row[name] or Decimal(0) for row in paid), Decimal(0))
                for name in ("ours_usd", "theirs_usd")
            )
            texts.append(f"ours {usd(ours_usd)}, theirs {usd(theirs_usd)}")
            if theirs_usd:
                texts.append(f"which is {share(float(ours_usd / theirs_usd))}")
        unpriced = sum(row["unpriced_calls"] for row in own)
        if unpriced:
            texts.append(f"{calls(unpriced)} of unknown cost left out of ours")
        return f"{provider}: {', '.join(texts) or 'no costs were imported'}."

    def discounts(self) -> list[Discount]:
        """Models that cost less than list price, where calls cannot be what is missing."""
        by_model: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
        for row in self.rows:
            if row["paid_share"] is not None and row["theirs_usd"] and row["our_models"]:
                by_model[row["provider"], row["model"]].append(row)
        found: list[Discount] = []
        for (provider, model), own in sorted(by_model.items()):
            listed = sum(_list_usd(row) for row in own)
            paid = float(sum(row["theirs_usd"] for row in own)) / float(listed)
            steady = all(abs(row["paid_share"] - paid) <= _STEADY for row in own)
            if paid < 0.999:
                models = sorted({name for row in own for name in row["our_models"]})
                first = min(row["day"] for row in own)
                found.append(Discount(provider, model, models, str(first), paid, steady))
        return found

    def overlay(self) -> str | None:
        """The discounts that hold every day, as a file for LLMCOST_PRICES; None without any."""
        steady = [found for found in self.discounts() if found.steady]
        if not steady:
            return None
        entries = [
            {
                "provider": found.provider,
                "kind": "discount",
                "models": found.models,
                "from": found.since,
                "prices": {"*": f"{found.paid:.4f}"},
                "note": f"paid share of list price, {span(self.of.since, self.of.until)}",
            }
            for found in steady
        ]
        text = json.dumps({"provider": steady[0].provider, "entries": entries}, indent=2)
        parse_overlay(text, "the suggested overlay")
        return text


@dataclass(frozen=True, slots=True)
class Discount:
    """What share of list price a model costs."""

    provider: str
    model: str
    models: list[str]
    """The ids that calls carry."""
    since: str
    paid: float
    steady: bool
    """Whether every day says the same."""


def reconcile(query: Query, of: Period) -> Reconciled:
    """Compare what was recorded with what was imported, whole days, UTC."""
    parameters = {"since": sql_time(of.since), "until": sql_time(of.until)}
    return Reconciled(of=of, rows=records(query(schema.query("reconcile"), parameters)))


def _providers(rows: Sequence[dict[str, Any]]) -> list[str]:
    return sorted({row["provider"] for row in rows})


def _list_usd(row: dict[str, Any]) -> Decimal:
    listed = row["theirs_list_usd"]
    return row["ours_list_usd"] if listed is None else listed
