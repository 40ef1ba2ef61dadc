# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Which colour a value has: the same on every page and in every range.

Of the dimensions that the hourly rollup keeps, the value that first sent calls has the first colour
of the palette, and so on: what comes later changes no colour. Any other dimension has too many
values to count, so the colour follows from the name. Where two names of one chart have the same
colour, each but the first has a texture of its own.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from otel_llmcost import schema
from otel_llmcost.reports import Query
from otel_llmcost.reports.explore import OTHERS, OUTCOME
from otel_llmcost.reports.selection import NONE, dimension_of

PALETTE = 24
TEXTURES = 3
OTHER = "other"


@dataclass(frozen=True, slots=True)
class Colours:
    """The colours of one dimension's values, as classes of `page.css`."""

    ranks: Mapping[str, int]

    def of(self, name: str) -> str:
        """c0 to c23; `other` for the rest and for no value."""
        if name in (OTHERS, NONE, ""):
            return OTHER
        rank = self.ranks.get(name)
        return f"c{(zlib.crc32(name.encode()) if rank is None else rank) % PALETTE}"

    def textures(self, names: Sequence[str]) -> dict[str, int]:
        """The texture of each of a chart's names: 0 (none) for the first of a colour, then 1, 2 and
        so on, of which the style sheet distinguishes three."""
        used: dict[str, int] = {}
        found: dict[str, int] = {}
        for name in names:
            found[name] = used.get(self.of(name), 0)
            used[self.of(name)] = found[name] + 1
        return {name: min(texture, TEXTURES) for name, texture in found.items()}


def colours(query: Query, by: Sequence[str]) -> Colours:
    """The colours of the values of one dimension, or of pairs of two."""
    is_counted = len(by) == 1 and by[0] != OUTCOME
    column = dimension_of(by[0]).hour if is_counted else None
    if not column:
        return Colours({})
    text = schema.query("first_seen")
    sql = re.sub(r"/\* by \*/.*?/\* by \*/", lambda _: f"s.{column}", text)
    return Colours({str(row[0]): rank for rank, row in enumerate(query(sql).rows)})
