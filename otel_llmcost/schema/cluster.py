# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""The same statements for a cluster: large tables are sharded by trace, small ones everywhere.

Each shard keeps its part, and the materialized views that fill it, in the database `llmcost_local`;
`llmcost` has a Distributed table over each, so that views and clients read and write as ever. One
record's span, event and replays carry one trace id: they meet on one shard and collapse there.
The header of a table's file names its shard key (`-- Shard:`), or says that each shard has its own.
Tables without have the same rows on every node. `{replica}` has to be unique in the
whole cluster, not only in its shard.
"""

from __future__ import annotations

import re
from functools import cache

from otel_llmcost.schema import catalog
from otel_llmcost.schema.files import header, statement

LOCAL = "llmcost_local"

_OWN = "each its own"

_CREATED = re.compile(r"CREATE (TABLE|MATERIALIZED VIEW) IF NOT EXISTS llmcost\.(\w+)")
_ALTERED = re.compile(r"ALTER TABLE llmcost\.(\w+)")
_ENGINE = re.compile(r"ENGINE = (Replicated\w*MergeTree)(?:\(([^)]*)\))?")


@cache
def shard_keys() -> dict[str, str]:
    """The expression that says where a row belongs, by table; empty: where it arrives."""
    found = {item.name: header(item.sql, "Shard") for item in catalog.tables()}
    return {name: "" if key == _OWN else key for name, key in found.items() if key}


def spread(sql: str, cluster: str) -> list[str]:
    """The statements that a rendered migration, view or schedule becomes on a cluster."""
    text = statement(sql)
    if "REFRESH EVERY" in text:
        # One node does it for all of them.
        return [text.replace(f"ON CLUSTER `{cluster}`", "")]
    if created := _CREATED.match(text):
        return _created(text, created[1], created[2], cluster)
    if altered := _ALTERED.match(text):
        return _altered(text, altered[1])
    return [text]


def _created(text: str, kind: str, name: str, cluster: str) -> list[str]:
    if kind == "MATERIALIZED VIEW":
        return [_local(text, name)]
    key = shard_keys().get(name)
    if key is None:
        return [_ENGINE.sub(_same_on_every_node, text)]
    if not key:
        return [_local(text)]
    everywhere = (
        f"CREATE TABLE IF NOT EXISTS llmcost.{name} ON CLUSTER `{cluster}` AS {LOCAL}.{name}\n"
        f"ENGINE = Distributed('{cluster}', '{LOCAL}', '{name}', {key})"
    )
    return [_local(text), everywhere]


def _altered(text: str, name: str) -> list[str]:
    if "MODIFY QUERY" in text:
        return [_local(text, name)]
    if "MODIFY SETTING" in text:
        return [_local(text)]
    return [_local(text), text] if shard_keys().get(name) else [text]


def _local(text: str, *more: str) -> str:
    """The statement about this shard's own tables; dictionaries and prices stay where they are."""
    names = "|".join((*shard_keys(), *more))
    return re.sub(rf"\bllmcost\.({names})\b", rf"{LOCAL}.\1", text)


def _same_on_every_node(engine: re.Match[str]) -> str:
    path = "'/clickhouse/tables/all/{database}/{table}', '{replica}'"
    return f"ENGINE = {engine[1]}({', '.join(filter(None, (path, engine[2])))})"
