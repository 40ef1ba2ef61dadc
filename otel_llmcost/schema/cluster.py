# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""The same statements for a cluster: large tables are sharded by trace, small ones everywhere.

Each shard keeps its part, and the materialized views that fill it, in the database `llmcost_local`;
`llmcost` has a Distributed table over each, so that views and clients read and write as ever. One
record's span, event and replays carry one trace id: they meet on one shard and collapse there.
Tables without a shard key have the same rows on every node. `{replica}` has to be unique in the
whole cluster, not only in its shard.
"""

from __future__ import annotations

import re

LOCAL = "llmcost_local"

SHARD_KEYS = {
    "otel_traces": "cityHash64(TraceId)",
    "otel_logs": "cityHash64(TraceId)",
    "llm_calls": "cityHash64(trace_id)",
    "outcomes": "cityHash64(trace_id)",
    "budget_decisions": "cityHash64(trace_id)",
    "duplicate_calls": "cityHash64(record_id)",
    "llm_cost_1h": "cityHash64(hour)",
    "rebuilt_hours": "cityHash64(hour)",
    "feature_hours": "cityHash64(hour)",
    "lever_1h": "cityHash64(hour)",
    "lever_rebuilds": "cityHash64(hour)",
    "lever_1d": "cityHash64(day)",
    "llm_user_1d": "cityHash64(day)",
    "llm_user_total_1d": "cityHash64(day)",
    "llm_call_1d": "cityHash64(day)",
    "llm_process_1d": "cityHash64(day)",
    "llm_unit_1d": "cityHash64(day)",
    "llm_state_1d": "cityHash64(day)",
    "llm_token_1h": "cityHash64(day)",
}
_WITHIN_A_SHARD = ("llm_records", "foreign_spans", "llm_calls_repriced")
_CREATED = re.compile(r"CREATE (TABLE|MATERIALIZED VIEW) IF NOT EXISTS llmcost\.(\w+)")
_ALTERED = re.compile(r"ALTER TABLE llmcost\.(\w+)")
_ENGINE = re.compile(r"ENGINE = (Replicated\w*MergeTree)(?:\(([^)]*)\))?")


def spread(sql: str, cluster: str) -> list[str]:
    """The statements that a rendered migration, view or schedule becomes on a cluster."""
    text = re.sub(r"^\s*--.*\n", "", sql, flags=re.MULTILINE).strip()
    if "REFRESH EVERY" in text:
        # One node does it for all of them.
        return [text.replace(f"ON CLUSTER `{cluster}`", "")]
    if created := _CREATED.match(text):
        return _created(text, created[1], created[2], cluster)
    if text.startswith("TRUNCATE"):
        return [_local(text)]
    if altered := _ALTERED.match(text):
        return _altered(text, altered[1])
    return [text]


def _created(text: str, kind: str, name: str, cluster: str) -> list[str]:
    if kind == "MATERIALIZED VIEW":
        return [_local(text, name)]
    if name in SHARD_KEYS:
        everywhere = (
            f"CREATE TABLE IF NOT EXISTS llmcost.{name} ON CLUSTER `{cluster}` AS {LOCAL}.{name}\n"
            f"ENGINE = Distributed('{cluster}', '{LOCAL}', '{name}', {SHARD_KEYS[name]})"
        )
        return [_local(text), everywhere]
    if name in _WITHIN_A_SHARD:
        return [_local(text)]
    return [_ENGINE.sub(_same_on_every_node, text)]


def _altered(text: str, name: str) -> list[str]:
    if "MODIFY QUERY" in text:
        return [_local(text, name)]
    if "MODIFY SETTING" in text:
        return [_local(text)]
    return [_local(text), text] if name in SHARD_KEYS else [text]


def _local(text: str, *more: str) -> str:
    """The statement about this shard's own tables; dictionaries and prices stay where they are."""
    names = "|".join((*SHARD_KEYS, *_WITHIN_A_SHARD, *more))
    return re.sub(rf"\bllmcost\.({names})\b", rf"{LOCAL}.\1", text)


def _same_on_every_node(engine: re.Match[str]) -> str:
    path = "'/clickhouse/tables/all/{database}/{table}', '{replica}'"
    return f"ENGINE = {engine[1]}({', '.join(filter(None, (path, engine[2])))})"
