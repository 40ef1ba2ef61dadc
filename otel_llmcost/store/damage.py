# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Parts of tables that can no longer be read: which, and what to do about them.

The engine sets aside what it cannot load when it starts; other damage shows when a part is read.
"""

from __future__ import annotations

import re

from otel_llmcost import schema
from otel_llmcost.errors import StoreError
from otel_llmcost.store.retention import Query

_PART = re.compile(
    rf"while reading from part \S*/([\w-]+)/ in table {schema.DATABASE}\.`?(\w+)"
)  # as the engine ends every error that it met in a part
# Without a reason: somebody detached it.
_SET_ASIDE = (
    "SELECT table, name, path FROM system.detached_parts "
    f"WHERE database = '{schema.DATABASE}' AND ifNull(reason, '') LIKE '%broken%' "
    "ORDER BY table, name"
)


class DamagedPart(StoreError):
    """A part cannot be read; says which, and how to go on without it."""


def named(query: Query, error: Exception) -> Exception:
    """A DamagedPart when this error of the engine came from one, else the error itself."""
    found = _PART.search(str(error))
    if found is None or not isinstance(error, StoreError):
        return error
    part, table = found.groups()
    try:
        checked = query(f"CHECK TABLE {schema.DATABASE}.{table} PART '{part}'")
        if all(str(row[1]) == "1" for row in checked):
            return error
    except StoreError:
        pass  # not even that can be read
    return DamagedPart(
        f"the part {part} of {table} is corrupt: to read the rest, run "
        f"`ALTER TABLE {schema.DATABASE}.{table} DETACH PART '{part}'` as admin",
        code=error.code,
    )


def set_aside(query: Query) -> list[str]:
    """Parts the engine could not load, a sentence each; their rows are missing in every answer."""
    return [
        f"a part of {table} was corrupt and is set aside: its rows are missing, {path} holds it, "
        f"`ALTER TABLE {schema.DATABASE}.{table} DROP DETACHED PART '{name}' "
        "SETTINGS allow_drop_detached = 1` as admin removes it"
        for table, name, path in query(_SET_ASIDE)
    ]
