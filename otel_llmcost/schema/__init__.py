# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""The SQL of the store as package resources: one object per file, the same on every engine.

| folder | what | how it changes |
|---|---|---|
| `tables/` | what rows are kept in, as it is today | by a migration |
| `migrations/NNNN_<table>_<what>.sql` | one idempotent ALTER TABLE each | never, once released |
| `dictionaries/`, `pipelines/`, `views/` | lookups, materialized views, views | replaced |
| `rollups/` | hours and days, added up (see `rollup`) | tables by a migration, else replaced |
| `queries/<package>/` | statements that the package of that name runs | are not in the store |

What is in a folder `public`, people and dashboards read, in the database `llmcost`; `internal`
views are steps on the way there, in a database of their own. Values travel as ClickHouse's own
`{name:Type}` parameters. Only engine, cluster and retention are templated, as `${name}`; `render`
fills them in.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from string import Template

from otel_llmcost.schema import cluster, expected
from otel_llmcost.schema.catalog import (
    DATABASE,
    INTERNAL_DATABASE,
    Kind,
    Object,
    migrations,
    objects,
    public_views,
    reads,
    tables,
    views,
)
from otel_llmcost.schema.files import header, read
from otel_llmcost.schema.rollup import Append, Rollup, rollups

__all__ = [
    "DATABASE",
    "DATABASES",
    "DEFAULT_DAYS",
    "INTERNAL_DATABASE",
    "LOCAL_DATABASE",
    "Append",
    "Kind",
    "Object",
    "Options",
    "Rollup",
    "appends",
    "create",
    "databases",
    "migrations",
    "objects",
    "public_views",
    "query",
    "reads",
    "render",
    "replace",
    "rollups",
    "schedules",
    "script",
    "tables",
    "views",
]

LOCAL_DATABASE = cluster.LOCAL
"""On a cluster: what each shard keeps for itself, behind the tables of DATABASE."""
DATABASES = (DATABASE, INTERNAL_DATABASE, LOCAL_DATABASE)
DEFAULT_DAYS = {"raw_ttl_days": 14, "calls_ttl_days": 400, "rollup_ttl_days": 1830}


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
    """Fill the engine, cluster and retention clauses of an object into its template."""
    return Template(sql).substitute((options or Options()).clauses())


def create(item: Object, options: Options | None = None) -> list[str]:
    """The statements that make an object, or change a table: one, or what it becomes on a
    cluster."""
    return _statements(item.sql, options)


def replace(item: Object, options: Options | None = None) -> list[str]:
    """The statements that bring an object that is there to the text of its file.

    A materialized view keeps taking rows meanwhile.
    """
    if item.kind != "pipeline":
        return create(item, options)
    made = re.compile(r"CREATE MATERIALIZED VIEW IF NOT EXISTS (\S+ \S+) TO \S+ AS\n")
    return _statements(made.sub(r"ALTER TABLE \1 MODIFY QUERY\n", item.sql), options)


def _statements(sql: str, options: Options | None) -> list[str]:
    text = render(sql, options)
    name = options.cluster if options else None
    return cluster.spread(text, name) if name else [text]


def script(options: Options | None = None, *, scheduled: bool = False) -> list[str]:
    """The whole schema as statements, in the order they can run on an empty server."""
    options = options or Options()
    texts = databases(options)
    for item in [*objects(), *(schedules() if scheduled else ())]:
        texts += create(item, options)
    return texts


def databases(options: Options) -> list[str]:
    """The statements that come before every other."""
    names = DATABASES if options.cluster else (DATABASE, INTERNAL_DATABASE)
    on_cluster = options.clauses()["on_cluster"]
    return [f"CREATE DATABASE IF NOT EXISTS {name} {on_cluster}".strip() for name in names]


def appends() -> dict[str, Append]:
    """Views whose rows are appended to a table at every refresh, by name."""
    found: dict[str, Append] = {}
    for name, sql in read("views/internal").items():
        if table := header(sql, "Appended to"):
            columns = ", ".join(expected.tables()[table].columns)
            found[name] = Append(name, table, columns)
    return found


def schedules() -> list[Object]:
    """Materialized views that refresh a server's store by its own clock."""
    found = [*appends().values(), *rollups().values()]
    return [Object("schedule", f"refresh_{item.name}", item.schedule()) for item in found]


def query(name: str) -> str:
    """The text of `queries/<package>/<name>.sql`. Raises KeyError for an unknown name."""
    return read("queries")[name]
