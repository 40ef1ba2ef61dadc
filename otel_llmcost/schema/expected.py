# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""What the tables look like, read from their own text.

Only as much SQL is understood as that uses: CREATE TABLE with one clause per line.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cache

from otel_llmcost.schema import catalog
from otel_llmcost.schema.files import statement

_LIKE = re.compile(r" AS llmcost\.(\w+)\s*$")
_ENGINE = re.compile(r"^ENGINE = (?:\$\{replicated\})?(\w+)", re.MULTILINE)
_TTL = re.compile(r"^TTL (.+) \+ INTERVAL \$\{(\w+)\} DAY", re.MULTILINE)


@dataclass
class Table:
    """One table; types as system.columns spells them."""

    name: str
    engine: str
    """Without `Replicated`."""
    columns: dict[str, str] = field(default_factory=dict[str, str])
    ttl: str = ""
    """What the retention is added to; empty when rows stay for ever."""
    retention: str = ""
    """Which option says how many days."""


@cache
def tables() -> dict[str, Table]:
    """The tables of the schema, by name."""
    found: dict[str, Table] = {}
    for item in catalog.tables():
        found[item.name] = _read(item.name, statement(item.sql), found)
    return found


def _read(name: str, text: str, known: dict[str, Table]) -> Table:
    if like := _LIKE.search(text):
        pattern = known[like[1]]
        return replace(pattern, name=name, columns=dict(pattern.columns))
    engine, ttl = _ENGINE.search(text), _TTL.search(text)
    table = Table(name, engine[1] if engine else "")
    for item in _items(_bracketed(text[text.index("\n(") + 1 :])):
        if not item.startswith("INDEX "):
            table.columns.update(_column(item))
    if ttl:
        table.ttl, table.retention = ttl[1], ttl[2]
    return table


def _column(item: str) -> dict[str, str]:
    """`name Type DEFAULT … COMMENT … CODEC …` -> its name and type; Nested becomes arrays."""
    name, _, rest = item.partition(" ")
    word = re.match(r"\w+", rest.strip())
    kind = word[0] if word else ""
    after = rest.strip()[len(kind) :].lstrip()
    inside = _bracketed(after) if after.startswith("(") else ""
    if kind == "Nested":
        parts = [_column(part) for part in _items(inside)]
        return {f"{name}.{n}": f"Array({t})" for part in parts for n, t in part.items()}
    # As the engine writes it: on one line.
    inside = re.sub(r"\( ", "(", " ".join(inside.split()))
    return {name: f"{kind}({inside})" if inside else kind}


def _bracketed(text: str) -> str:
    """What is between the first bracket, where the text starts, and the one that closes it."""
    for at, depth in _depths(text):
        if depth == 0:
            return text[1:at]
    raise ValueError("a bracket is never closed")


def _items(text: str) -> list[str]:
    """Parts between the commas that are in no bracket and no quotes."""
    cuts = [at for at, depth in _depths(text) if depth == 0 and text[at] == ","]
    edges = zip([-1, *cuts], [*cuts, len(text)], strict=True)
    return [text[start + 1 : end].strip() for start, end in edges]


def _depths(text: str) -> Iterator[tuple[int, int]]:
    """Each position outside of quotes, with how many brackets are open after it."""
    depth, quoted = 0, False
    for at, char in enumerate(text):
        quoted ^= char == "'"
        if not quoted:
            depth += (char == "(") - (char == ")")
            yield at, depth
