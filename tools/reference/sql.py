# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""docs/reference/sql.md, from the public views as the engine describes them.

What a view is comes from the comment above it, what a column means from `schema/columns.toml`.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from importlib.resources import files

from otel_llmcost import schema
from otel_llmcost.store import Store, open_store
from tools.reference.markdown import head, table

INTRODUCTION = """
Every number that a person sees comes from a view of the database `llmcost`. `calls` is one row
per record, de-duplicated; the others are built on it. These views and columns are public. Views
of the database `llmcost_internal` are steps on the way, and tables are how it is stored; both may
change with every version.

Money is decimal and in USD. Unknown is NULL, never 0. Times are UTC. A view with parameters is
called like a function: `SELECT * FROM daily_users(since = '2026-11-01', until = '2026-12-01')`.
"""
ARGUMENTS = {"DateTime64(3)": "'2026-01-01'", "String": "'UTC'", "Float64": "0.", "UInt32": "86400"}
"""A value of each type of parameter that every view accepts."""


def page() -> str:
    """The whole page."""
    texts = {view.name: view.sql for view in schema.views()}
    columns = _columns({name: texts[name] for name in schema.public_views()})
    meanings = _Meanings()
    sources = "schema/views, schema/rollups and schema/columns.toml"
    parts = [head("Views and columns", sources, INTRODUCTION)]
    rows = [(f"[`{name}`](#{name})", _about(texts[name])[0]) for name in columns]
    parts.append(table(["view", "one row per"], rows))
    for name, described in columns.items():
        _, text = _about(texts[name])
        given = "".join(f"\n- `{key}`: {kind}" for key, kind in _parameters(texts[name]).items())
        parts += [f"## {name}\n", text, *([f"Parameters:\n{given}\n"] if given else [])]
        rows = [(f"`{key}`", f"`{kind}`", meanings.of(name, key)) for key, kind in described]
        parts.append(table(["column", "type", "meaning"], rows))
    meanings.require_complete()
    return "\n".join(parts)


class _Meanings:
    """`columns.toml`; every line of it has to be needed."""

    def __init__(self) -> None:
        text = files(schema).joinpath("columns.toml").read_text("utf-8")
        content = tomllib.loads(text)
        self._general: dict[str, str] = content["columns"]
        self._exact: dict[str, dict[str, str]] = content["views"]
        self._used: set[tuple[str, str]] = set()
        self._missing: list[str] = []

    def of(self, view: str, column: str) -> str:
        """What a column means in a view."""
        exact = column in self._exact.get(view, {})
        self._used.add((view if exact else "", column))
        found = self._exact[view] if exact else self._general
        if column not in found:
            self._missing.append(f"{view}.{column}")
        return found.get(column, "")

    def require_complete(self) -> None:
        """Raise KeyError for a column without a meaning, or a meaning without a column."""
        if self._missing:
            raise KeyError(f"schema/columns.toml does not say what these mean: {self._missing}")
        named = {("", column) for column in self._general}
        named |= {(view, column) for view, found in self._exact.items() for column in found}
        if unused := sorted(named - self._used):
            raise KeyError(f"schema/columns.toml explains what no public view has: {unused}")


def _columns(texts: Mapping[str, str]) -> dict[str, list[tuple[str, str]]]:
    """Names and types by view, from the engine."""
    store = open_store("chdb://memory")
    try:
        store.apply_schema()
        return {name: _described(store, name, sql) for name, sql in texts.items()}
    finally:
        store.close()


def _described(store: Store, name: str, sql: str) -> list[tuple[str, str]]:
    arguments = ", ".join(f"{key} = {ARGUMENTS[kind]}" for key, kind in _parameters(sql).items())
    called = f"llmcost.{name}({arguments})" if arguments else f"llmcost.{name}"
    rows = store.query(f"DESCRIBE (SELECT * FROM {called})").rows
    return [(row[0], re.sub(r"\s+", " ", row[1])) for row in rows]


def _parameters(sql: str) -> dict[str, str]:
    return dict(re.findall(r"\{(\w+):([^}]+)\}", sql))


def _about(sql: str) -> tuple[str, str]:
    """Of the comment above a view: what a row is, in a few words, and the whole of it."""
    comment = sql.split("CREATE ", 1)[0].splitlines()
    lines = [line.removeprefix("--").removeprefix(" ") for line in comment]
    before_source = "\n".join(lines).split("Source:", 1)[0]
    text = before_source.removeprefix("Grain: ").strip()
    text = re.sub(r"\{(\w+):[^}]+\}", r"`\1`", text)
    grain = re.split(r"[.:;](?:\s|$)", text.removeprefix("one row per "), maxsplit=1)[0]
    return " ".join(grain.split()), text[0].upper() + text[1:] + "\n"
