# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Replies that two emitters reported, mixed with calls that only look so: what is merged wrongly.

A false merge is a call of which no record is counted; a missed merge is a record too many. Beside
it what an id alone would do: records of different emitters with one response id are one call.
"""

from __future__ import annotations

import datetime as dt
import random
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from rich.table import Table

from otel_llmcost.store import Store, open_store

Row = dict[str, Any]
START = dt.datetime(2026, 11, 20, 12, tzinfo=dt.UTC)
CALLS = 250
"""Of each kind."""


def generate(seed: int = 0) -> Iterator[tuple[str, list[Row]]]:
    """Kind, and the records of one call; the first counts. Kinds take place at the same time."""
    for kind, make in KINDS.items():
        chance = random.Random(f"{seed} {kind}")
        for number in range(CALLS):
            yield kind, list(make(_call(chance, kind, number), chance))


def _call(chance: random.Random, kind: str, number: int) -> Row:
    """A call of ours, of a service of its own for each kind."""
    tokens = (chance.choice((12, 800)), chance.choice((1, 30))) if number % 2 else (11, 2)
    return {
        "ts": START + dt.timedelta(milliseconds=chance.randrange(1_800_000)),
        "record_id": f"{kind} {number}",
        "trace_id": f"trace of {kind} {number}",
        "span_id": f"span of {kind} {number}",
        "parent_span_id": f"request {kind} {number}",
        "service": kind,
        "environment": "prod",
        "provider": "openai",
        "request_model": "gpt-5",
        "model": "gpt-5",
        "response_id": f"chatcmpl-{chance.getrandbits(120):030x}",
        "input_tokens": tokens[0],
        "output_tokens": tokens[1],
        "duration_ms": chance.randrange(200, 9000),
        "source": "otel_llmcost",
        "cost_usd": 1,
        "cost_status": "priced",
        "version": 1,
    }


def _again(row: Row, chance: random.Random, **more: Any) -> Row:
    """The same reply, reported by another emitter, a little around it."""
    before, after = chance.randrange(3), chance.randrange(3)
    return row | {
        "ts": row["ts"] - dt.timedelta(milliseconds=before),
        "record_id": row["record_id"] + " again",
        "span_id": row["span_id"] + " again",
        "duration_ms": row["duration_ms"] + before + after,
        "source": "openai.other",
        "cost_usd": None,
        "cost_status": "unpriced",
        **more,
    }


def _ollama(chance: random.Random) -> str:
    return f"chatcmpl-{chance.randrange(999)}"


def _one_trace(row: Row, chance: random.Random) -> Iterable[Row]:
    return row, _again(row, chance)


def _no_trace(row: Row, chance: random.Random) -> Iterable[Row]:
    row |= {"trace_id": "", "span_id": "", "parent_span_id": ""}
    return row, _again(row, chance, trace_id=f"own {row['record_id']}", span_id="root")


def _wrong_tokens(row: Row, chance: random.Random) -> Iterable[Row]:
    return row, _again(row, chance, output_tokens=row["output_tokens"] * 3)


def _cut_stream(row: Row, chance: random.Random) -> Iterable[Row]:
    """Ended early; the other emitter reports it in a moment, soon after its end."""
    again = _again(row, chance, output_tokens=1, trace_id="own " + row["record_id"], span_id="root")
    end = row["ts"] + dt.timedelta(milliseconds=row["duration_ms"] + chance.randrange(50))
    return row | {"output_tokens": 0}, again | {"ts": end, "duration_ms": 0}


def _gateway(row: Row, chance: random.Random) -> Iterable[Row]:
    inner = {"service": "the gateway", "model": "openai/gpt-5", "request_model": "openai/gpt-5"}
    other = inner | {"trace_id": f"of the gateway {row['record_id']}"}
    return row, _again(row, chance, **(inner if chance.random() < 0.5 else other))


def _relay_twice(row: Row, chance: random.Random) -> Iterable[Row]:
    row["response_id"] = "chatcmpl-relayrelayrelayrelay"
    return row, _again(row, chance)


def _relay_twice_no_trace(row: Row, chance: random.Random) -> Iterable[Row]:
    row |= {"response_id": "chatcmpl-relayrelayrelayrelay"}
    return _no_trace(row, chance)


def _ollama_twice(row: Row, chance: random.Random) -> Iterable[Row]:
    row["response_id"] = _ollama(chance)
    return row, _again(row, chance)


def _framework(row: Row, chance: random.Random) -> Iterable[Row]:
    row |= {"response_id": "", "source": "openinference.openai"}
    outer = _again(row, chance, source="openinference.langchain")
    return row | {"parent_span_id": outer["span_id"]}, outer


def _nameless_around_ours(row: Row, chance: random.Random) -> Iterable[Row]:
    return row, _again(row, chance, response_id="", source="openinference.openai")


def _failed(row: Row, chance: random.Random) -> Iterable[Row]:
    row |= {"response_id": "", "input_tokens": 0, "output_tokens": 0, "error_type": "Timeout"}
    return row, _again(row, chance)


def _either(row: Row, chance: random.Random) -> Row:
    """The call, made by one of two services; each has an emitter of its own."""
    if chance.random() < 0.5:
        return row
    return row | {"service": row["service"] + ", other", "source": "openai.other"}


def _relay_services(row: Row, chance: random.Random) -> Iterable[Row]:
    return (_either(row | {"response_id": "chatcmpl-relayrelayrelayrelay"}, chance),)


def _short_relay_services(row: Row, chance: random.Random) -> Iterable[Row]:
    return (_either(row | {"response_id": "chatcmpl-1"}, chance),)


def _ollama_services(row: Row, chance: random.Random) -> Iterable[Row]:
    return (_either(row | {"response_id": _ollama(chance)}, chance),)


def _ollama_processes(row: Row, chance: random.Random) -> Iterable[Row]:
    row = _either(row | {"response_id": _ollama(chance)}, chance)
    return (row | {"service": "several processes"},)


def _siblings(row: Row, chance: random.Random) -> Iterable[Row]:
    """Four parallel calls a trace, of two emitters, through a relay."""
    four = int(row["record_id"].split()[-1]) // 4
    row |= {"trace_id": f"four {four}", "response_id": "chatcmpl-1"}
    row["ts"] = START + dt.timedelta(seconds=7 * four, milliseconds=chance.randrange(40))
    row["input_tokens"] = chance.randrange(10_000)
    return (row | {"source": chance.choice(("otel_llmcost", "openai.other"))},)


def _nameless(row: Row, chance: random.Random) -> Iterable[Row]:
    return (row | {"response_id": "", "source": chance.choice(("openinference.a", "b"))},)


KINDS: dict[str, Callable[[Row, random.Random], Iterable[Row]]] = {
    "twice, one trace": _one_trace,
    "twice, no trace": _no_trace,
    "twice, other token counts": _wrong_tokens,
    "twice, a cut stream": _cut_stream,
    "twice, app and gateway": _gateway,
    "twice, a relay's constant id": _relay_twice,
    "twice, a constant id, no trace": _relay_twice_no_trace,
    "twice, Ollama": _ollama_twice,
    "twice, framework and SDK, no id": _framework,
    "twice, ours and one without id": _nameless_around_ours,
    "twice, failed": _failed,
    "once, a relay's constant id, two services": _relay_services,
    "once, a short constant id, two services": _short_relay_services,
    "once, Ollama, two services": _ollama_services,
    "once, Ollama, two processes of a service": _ollama_processes,
    "once, parallel, one trace, a constant id": _siblings,
    "once, no id, other traces": _nameless,
}


def measure(store: Store, seed: int = 0) -> dict[str, tuple[int, int, int, int]]:
    """Kind -> false and missed merges, ours and by id alone, after one refresh of `store`."""
    made = list(generate(seed))
    rows = [row for _, records in made for row in records]
    columns = sorted(set().union(*rows))
    empty = {"error_type": ""}
    store.insert("llm_calls", [[(empty | row)[c] for c in columns] for row in rows], columns)
    store.refresh()
    counted = {name for (name,) in store.query("SELECT record_id FROM llmcost.calls").rows}
    by_id = _by_id_alone(rows)
    found: dict[str, list[int]] = {}
    for kind, records in made:
        sums = found.setdefault(kind, [0, 0, 0, 0])
        for at, kept in ((0, counted), (2, by_id)):
            left = sum(row["record_id"] in kept for row in records)
            sums[at] += left == 0
            sums[at + 1] += max(0, left - 1)
    return {kind: (a, b, c, d) for kind, (a, b, c, d) in found.items()}


def _by_id_alone(rows: list[Row]) -> set[str]:
    """What is left when an id is taken for proof: of each, the records of the best emitter."""
    best: dict[str, str] = {}
    for row in sorted(rows, key=lambda row: row["source"] != "otel_llmcost"):
        best.setdefault(row["response_id"], row["source"])
    return {
        row["record_id"]
        for row in rows
        if not row["response_id"] or best[row["response_id"]] == row["source"]
    }


def table() -> Table:
    """What `python -m benchmarks duplicates` prints."""
    with tempfile.TemporaryDirectory() as folder:
        store = open_store(f"chdb://{Path(folder) / 'store'}")
        store.apply_schema()
        found = measure(store)
        store.close()
    shown = Table(title=f"Replies reported twice, and not: {CALLS} calls of each kind")
    for column in ("kind", "false merges", "missed merges", "by id alone: false", "missed"):
        shown.add_column(column, justify="left" if column == "kind" else "right")
    totals: Counter[int] = Counter()
    for kind, counts in found.items():
        shown.add_row(kind, *map(str, counts))
        totals.update(dict(enumerate(counts)))
    shown.add_section()
    shown.add_row("all", *(str(totals[number]) for number in range(4)))
    return shown


if __name__ == "__main__":
    from rich.console import Console

    Console().print(table())
