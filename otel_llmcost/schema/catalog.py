# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Everything the schema puts into a store, from the files of the package, in order."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from graphlib import TopologicalSorter
from typing import Literal, NamedTuple

from otel_llmcost.schema import rollup
from otel_llmcost.schema.files import read

DATABASE = rollup.PUBLIC
INTERNAL_DATABASE = rollup.INTERNAL
"""Of views that are steps on the way to others: no dashboard or person needs them."""

Kind = Literal["table", "migration", "dictionary", "pipeline", "view", "schedule"]

_NAMED = re.compile(rf"\b{DATABASE}(?:_internal)?\.(\w+)")


class Object(NamedTuple):
    """One object of the store, or one migration of a table; `sql` is the template of its file."""

    kind: Kind
    name: str
    sql: str

    @property
    def path(self) -> str:
        """Its name with its database, as a query has it."""
        internal = f" {INTERNAL_DATABASE}.{self.name} " in self.sql
        return f"{INTERNAL_DATABASE if internal else DATABASE}.{self.name}"


def objects() -> list[Object]:
    """Everything, in an order in which it can be made: each after what it reads."""
    return [*tables(), *migrations(), *_derived()]


@cache
def _derived() -> list[Object]:
    """What is replaced when its text changes."""
    made = rollup.rollups().values()
    texts: dict[Kind, dict[str, str]] = {
        "dictionary": read("dictionaries"),
        "pipeline": {**read("pipelines"), **{f"{r.name}__builds": r.builds() for r in made}},
        "view": {name: _with_columns(sql) for name, sql in read("views").items()},
    }
    for one in made:
        texts["view"] |= one.views()
    derived = [Object(kind, *named) for kind, found in texts.items() for named in found.items()]
    return _ordered(derived)


def _with_columns(sql: str) -> str:
    """The text of a view, with `${columns_of_<rollup>}` written out."""
    return re.sub(
        r"\$\{columns_of_(\w+)\}", lambda name: rollup.rollups()[name[1]].columns_of_select, sql
    )


@cache
def tables() -> list[Object]:
    """All tables, as they are today."""
    texts = {
        **read("tables"),
        **{f"{one.name}__rows": one.rows() for one in rollup.rollups().values()},
    }
    return _ordered(Object("table", name, sql) for name, sql in texts.items())


def migrations() -> list[Object]:
    """What brings tables of an older store to the shape they have today, in order. A table that is
    made now has it already: a migration changes nothing there."""
    return [Object("migration", name, sql) for name, sql in read("migrations").items()]


def views() -> list[Object]:
    """All views, each after the views it reads."""
    return [item for item in objects() if item.kind == "view"]


def public_views() -> list[str]:
    """Names of the views that people and dashboards read: they change only with a new version."""
    return sorted([*read("views/public"), *read("rollups/public")])


def reads(item: Object) -> set[str]:
    """Names of the objects that one names in its text, itself excepted."""
    return set(_NAMED.findall(item.sql)) - {item.name}


def _ordered(items: Iterable[Object]) -> list[Object]:
    named = {item.name: item for item in items}
    graph = {name: sorted(reads(item) & named.keys()) for name, item in sorted(named.items())}
    return [named[name] for name in TopologicalSorter(graph).static_order()]
