# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Where a store differs from this version's schema, and what to do about it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from otel_llmcost import schema
from otel_llmcost.schema import expected
from otel_llmcost.store import migrate, retention
from otel_llmcost.store.retention import Query

_APPLY = "run `otel-llmcost schema apply`"
_STATES = {
    "pending": ("not applied yet", _APPLY),
    "missing": ("was applied, but is gone: somebody dropped it", _APPLY),
    "changed": (
        "was applied from another text than this version's",
        "use the version of otel-llmcost that made the store, or start a new store",
    ),
}
_COLUMNS = (
    f"SELECT database, table, name, type FROM system.columns WHERE database IN {schema.DATABASES}"
)
_ENGINES = (
    "SELECT database, name, engine FROM system.tables "
    f"WHERE database IN {schema.DATABASES} "
    "AND engine != 'Distributed'"
)


class Drift(NamedTuple):
    """One difference between the store and this version's schema."""

    kind: schema.Kind
    name: str
    problem: str
    fix: str


def found(query: Query) -> list[Drift]:
    """All differences: statements not applied, objects gone, columns, engines, retention.

    Codecs, comments and indexes are not compared. Empty when the
    store is as this version would make it.
    """
    statuses = migrate.status(query)
    # What is outdated follows from another difference, or is made anew by the next apply.
    differences = [
        Drift(item.kind, item.name, *_problem_and_fix(item))
        for item in statuses
        if item.state in _STATES
    ]
    applied = {item.name for item in statuses if item.kind == "table" and item.state == "applied"}
    tables = {name: table for name, table in expected.tables().items() if name in applied}
    if tables:
        differences += _columns(query, tables)
        differences += _engines(query, tables)
        differences += _retention(query, tables)
    return differences


def _problem_and_fix(item: migrate.ObjectStatus) -> tuple[str, str]:
    problem, fix = _STATES[item.state]
    if item.state == "changed" and item.kind not in ("table", "migration"):
        return problem, _APPLY  # it is replaced
    return problem, fix


def _columns(query: Query, tables: Mapping[str, expected.Table]) -> Iterator[Drift]:
    present: dict[tuple[str, str], dict[str, str]] = {}
    for database, table, name, kind in query(_COLUMNS):
        present.setdefault((str(database), str(table)), {})[str(name)] = str(kind)
    for (database, name), columns in present.items():
        table = tables.get(name)
        if table is None:
            continue
        alter = f"`ALTER TABLE {database}.{name}"
        for column, kind in table.columns.items():
            there = columns.get(column)
            if there is None:
                problem, verb = f"lacks the column {column}", "ADD"
            elif there != kind:
                problem, verb = f"has {column} as {there}, not {kind}", "MODIFY"
            else:
                continue
            yield Drift("table", name, problem, f"{alter} {verb} COLUMN {column} {kind}`")
        for column in columns.keys() - table.columns.keys():
            problem = f"has a column of its own, {column}"
            yield Drift("table", name, problem, f"{alter} DROP COLUMN {column}`, if unwanted")


def _engines(query: Query, tables: Mapping[str, expected.Table]) -> Iterator[Drift]:
    for _, name, engine in query(_ENGINES):
        table = tables.get(str(name))
        # ClickHouse Cloud says Shared where others say Replicated.
        bare = str(engine).removeprefix("Replicated").removeprefix("Shared")
        if table and bare != table.engine:
            problem = f"is a {engine}, not a {table.engine}"
            fix = (
                "rename the table, run `otel-llmcost schema apply`, copy the rows back "
                "with INSERT … SELECT"
            )
            yield Drift("table", str(name), problem, fix)


def _retention(query: Query, tables: Mapping[str, expected.Table]) -> Iterator[Drift]:
    wanted = retention.kept(query, schema.Options()).days()
    for name, there in retention.found(query).items():
        table = tables.get(name)
        days = wanted[table.retention] if table and table.retention else None
        if table and there.days != days:
            keeps = f"keeps rows {there.days} days" if there.days else "keeps rows for ever"
            said = f"{days} days" if days else "for ever"
            yield Drift("table", name, f"{keeps}, not {said}", _APPLY if days else "")
