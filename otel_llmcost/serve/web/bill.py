# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""The bill of one call as tables, with links to the rules and the price lists behind its lines."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlsplit

from otel_llmcost.errors import ConfigError
from otel_llmcost.reports import Explained, Query, Report, formatting
from otel_llmcost.reports.run import place
from otel_llmcost.serve.web.page import entity_link, run_link
from otel_llmcost.serve.web.span import Span
from otel_llmcost.serve.web.table import Cell, Dress, Record, Table, table

_HEADINGS = {
    "quantity": "Quantity",
    "price": "x price",
    "multipliers": "x factors",
    "amount_usd": "= amount (USD)",
    "contracted_usd": "At your contract (USD)",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of a bill: quantity x price x factors = amount, and why."""

    bucket: str
    product: str
    amount: Cell
    why: Sequence[Cell]
    """Its rules and its price list."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """One call beside a list: groups of facts, its bill, and its place in its trace."""

    title: str
    cost: str
    exact: str | None
    alone: str
    """Address of the page of the call alone."""
    close: str
    """Address of the list without it."""
    lines: Sequence[Line]
    notes: Sequence[str]
    """What differs from what was recorded."""
    facts: Sequence[tuple[str, Sequence[Cell]]]
    """What was recorded, in groups with a heading."""
    place: str = ""
    trace: str = ""
    """Address of the run."""
    before: str = ""
    after: str = ""
    """Addresses of the call before and after it, in the same list."""


def bill_table(title: str, bill: Report) -> Table:
    """Bucket x price = amount, a line each; without the contract's amounts where there is none."""
    if all(line["contracted_usd"] == line["amount_usd"] for line in bill.records()):
        kept = [n for n, column in enumerate(bill.columns) if column.name != "contracted_usd"]
        bill = Report(
            title=bill.title,
            columns=tuple(bill.columns[n] for n in kept),
            rows=[tuple(row[n] for n in kept) for row in bill.rows],
            total=tuple(bill.total[n] for n in kept) if bill.total else None,
            note=bill.note,
        )
    made = table(title, bill, Dress(links={"rule": _rule, "source": _source}, headings=_HEADINGS))
    return replace(made, rows=[[_short(cell) for cell in row] for row in made.rows])


def beside(query: Query, span: Span, one: Explained, address: Callable[[str], str]) -> Beside:
    """The call with all that is known of it; `address` opens another one in its place."""
    call = one.call
    cost = call["cost_usd"]
    found = place(query, call)
    return Beside(
        title=" ".join(filter(None, (call["operation"], call["model"]))) or "Call",
        cost=formatting.usd(cost),
        exact=None if cost is None else format(cost, "f"),
        alone=span.href("/call", id=call["record_id"]),
        close=address(""),
        lines=[_line(line) for line in one.bill.records()],
        notes=(one.bill.note or "").splitlines(),
        facts=_facts(span, call),
        place=_place(found),
        trace=run_link(span, "trace", call["trace_id"]) if found else "",
        before=address(found["before"]) if found and found["before"] else "",
        after=address(found["after"]) if found and found["after"] else "",
    )


def _line(line: Record) -> Line:
    amount = line["amount_usd"]
    factors = f" {line['multipliers']}" if line["multipliers"] else ""
    quantity = formatting.plain(line["quantity"])
    why = [Cell(text=f"rule {line['rule']}", href=_rule(line))] if line["rule"] else []
    if line["source"]:
        why.append(_short(Cell(text=str(line["source"]), href=_source(line))))
    if line["reason"]:
        why.append(Cell(text=str(line["reason"])))
    return Line(
        bucket=str(line["bucket"]).replace("_", " "),
        product=f"{quantity} x {line['price']}{factors}",
        amount=Cell(
            text=formatting.usd(amount),
            title=None if amount is None else f"${formatting.plain(amount)}",
        ),
        why=why,
    )


def _place(found: Mapping[str, Any] | None) -> str:
    if found is None:
        return ""
    number, calls = found["earlier"] + 1, found["calls"]
    if calls == 1:
        return "The only call of its trace"
    return f"Call {number} of {calls} of its trace, which cost {formatting.usd(found['cost_usd'])}"


def _facts(span: Span, call: Mapping[str, Any]) -> list[tuple[str, list[Cell]]]:
    def narrowing(dimension: str, value: Any) -> Cell:
        href = span.adding(dimension, str(value)).href("/calls")
        return Cell(text=f"{dimension.replace('_', ' ')} {value}", href=href)

    tokens = ("input_tokens", "uncached_input_tokens", "cache_read_tokens", "cache_write_tokens")
    whose = {"user": call["user_id"], "team": call["team"]}
    whose |= {
        f"tag.{key}": value for key, value in sorted(call["allocation"].items()) if key != "team"
    }
    where = {
        "feature": call["feature"],
        "environment": call["environment"],
        "service": call["service"],
        "version": call["service_version"],
        "session": call["session_id"],
        "agent": call["agent_name"],
        "call_site": call["call_site"],
        "provider": call["provider"],
        "mode": call["mode"],
        "source": call["source"],
    }
    groups = [
        (
            "Tokens",
            [
                Cell(text=f"{_words(name)} {formatting.count(call[name])}")
                for name in (*tokens, "output_tokens", "reasoning_tokens")
                if call[name]
            ],
        ),
        ("Timing", [Cell(text=text) for text in _timing(call)]),
        ("Attempts", [Cell(text=text) for text in _attempts(call)]),
        (
            "Allocation",
            [
                *(_whose(span, name, str(value)) for name, value in whose.items() if value),
                *(narrowing(name, value) for name, value in where.items() if value),
            ],
        ),
    ]
    return [(name, cells) for name, cells in groups if cells]


def _whose(span: Span, name: str, value: str) -> Cell:
    """Leads to its page, unless the name is one that no condition can have."""
    text = f"{name.removeprefix('tag.')} {value}"
    try:
        return Cell(text=text, href=entity_link(span, name, value))
    except ConfigError:
        return Cell(text=text)


def _timing(call: Mapping[str, Any]) -> list[str]:
    took, first = call["duration_ms"], call["ttft_ms"]
    said = [f"began {formatting.when(call['ts'])} UTC", f"took {formatting.duration(took)}"]
    if first is not None:
        said.append(f"first token after {formatting.duration(first)}")
    if took and call["output_tokens"]:
        said.append(f"{call['output_tokens'] / took * 1000:,.0f} output tokens a second")
    return said


def _attempts(call: Mapping[str, Any]) -> list[str]:
    said = [f"sent again {call['resend_count']} times" if call["resend_count"] else ""]
    if call["attempts_unmetered"]:
        said.append(f"{call['attempts_unmetered']} attempts without an answer, maybe billed")
    said += [call["finish_reason"], call["stream_outcome"], call["error_type"]]
    return [text for text in said if text]


def _words(name: str) -> str:
    return name.removesuffix("_tokens").replace("_", " ")


def _rule(record: Record) -> str | None:
    """The first rule of a line: `anthropic 1, 11` begins with anthropic 1."""
    first = str(record["rule"] or "").split(",")[0].strip()
    return f"/rules#{first.replace(' ', '-')}" if first else None


def _source(record: Record) -> str | None:
    """Price lists of one's own may name anything as their source: only the web is a link."""
    source = str(record["source"] or "")
    return source if source.startswith("https://") else None


def _short(cell: Cell) -> Cell:
    """A link to the web, named by its host."""
    if cell.href and cell.href.startswith("https://"):
        return replace(cell, text=urlsplit(cell.href).hostname or cell.text, title=cell.text)
    return cell
