# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""The SQL of the store as package resources: one object per file, the same on every engine.

`migrations/NNNN_<object>.sql` make tables, materialized views and dictionaries, in order, once;
`views/<view>.sql` are replaced whenever they change; `schedules/*.sql` let a server refresh itself;
`queries/<name>.sql` are the named questions other layers ask. Values travel as ClickHouse's own
`{name:Type}` parameters. Only engine, cluster and retention are templated, as `${name}`; `render`
fills them in.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from graphlib import TopologicalSorter
from importlib.resources import files
from string import Template
from typing import NamedTuple

from otel_llmcost.schema import cluster

__all__ = [
    "DATABASE",
    "DEFAULT_DAYS",
    "LOCAL_DATABASE",
    "Migration",
    "Options",
    "View",
    "databases",
    "migrations",
    "query",
    "render",
    "schedules",
    "script",
    "statements",
    "views",
]

DATABASE = "llmcost"
LOCAL_DATABASE = cluster.LOCAL
"""On a cluster: what each shard keeps for itself, behind the tables of DATABASE."""
DEFAULT_DAYS = {"raw_ttl_days": 14, "calls_ttl_days": 400, "rollup_ttl_days": 1830}


class Migration(NamedTuple):
    """One statement that is run once per store; `sql` is the template, as it is in the file."""

    number: int
    name: str
    sql: str


class View(NamedTuple):
    """One CREATE OR REPLACE VIEW; `sql` is the template, as it is in the file."""

    name: str
    sql: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How the same schema is laid out on one engine."""

    cluster: str | None = None
    """Create everything ON CLUSTER with replicated engines; None is one server, or chDB."""
    raw_ttl_days: int | None = None
    """Retention of otel_traces and otel_logs; None keeps the store's, in a new one 14."""
    calls_ttl_days: int | None = None
    """Retention of llm_calls, outcomes, duplicates and rejects; a new store's is 400."""
    rollup_ttl_days: int | None = None
    """Retention of hourly rollups and logged anomalies; a new store's is 1830."""

    def days(self) -> dict[str, int]:
        """Retention by its name in the templates."""
        given = {name: getattr(self, name) for name in DEFAULT_DAYS}
        return {name: given[name] or days for name, days in DEFAULT_DAYS.items()}

    def clauses(self) -> Mapping[str, str]:
        """The text behind each `${name}`."""
        window = "replicated" if self.cluster else "non_replicated"
        return {
            "on_cluster": f"ON CLUSTER `{self.cluster}`" if self.cluster else "",
            "replicated": "Replicated" if self.cluster else "",
            # Retried inserts are dropped only where every table of the chain remembers its blocks.
            "dedup_window": f"{window}_deduplication_window = 10000",
            **{name: str(days) for name, days in self.days().items()},
        }


def render(sql: str, options: Options | None = None) -> str:
    """Fill the engine, cluster and retention clauses of a migration or view into its template."""
    return Template(sql).substitute((options or Options()).clauses())


def statements(sql: str, options: Options | None = None) -> list[str]:
    """What to run for a migration, view or schedule: itself, or what it becomes on a cluster."""
    text = render(sql, options)
    name = options.cluster if options else None
    return cluster.spread(text, name) if name else [text]


def script(options: Options | None = None, *, scheduled: bool = False) -> list[str]:
    """The whole schema as statements, in the order they can run on an empty server."""
    options = options or Options()
    texts = databases(options)
    items = [*migrations(), *views(), *(schedules() if scheduled else ())]
    for item in items:
        texts += statements(item.sql, options)
    return texts


def databases(options: Options) -> list[str]:
    """The statements that come before every other."""
    names = [DATABASE, LOCAL_DATABASE] if options.cluster else [DATABASE]
    on_cluster = options.clauses()["on_cluster"]
    return [f"CREATE DATABASE IF NOT EXISTS {name} {on_cluster}".strip() for name in names]


def migrations() -> list[Migration]:
    """All migrations, in the order they apply."""
    return [
        Migration(int(stem[:4]), stem[5:], sql) for stem, sql in sorted(_read("migrations").items())
    ]


def views() -> list[View]:
    """All views, each after the views it reads."""
    texts = _read("views")
    graph = {
        name: {used for used in re.findall(rf"\b{DATABASE}\.(\w+)", sql) if used in texts} - {name}
        for name, sql in sorted(texts.items())
    }
    return [View(name, texts[name]) for name in TopologicalSorter(graph).static_order()]


def schedules() -> list[View]:
    """Materialized views that refresh a server's store by its own clock."""
    return [View(name, sql) for name, sql in sorted(_read("schedules").items())]


def query(name: str) -> str:
    """The text of `queries/<name>.sql`. Raises KeyError for an unknown name."""
    return _read("queries")[name]


@cache
def _read(folder: str) -> dict[str, str]:
    return {
        entry.name.removesuffix(".sql"): entry.read_text(encoding="utf-8")
        for entry in files(__name__).joinpath(folder).iterdir()
        if entry.name.endswith(".sql")
    }
