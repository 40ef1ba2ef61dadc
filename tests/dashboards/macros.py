# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Panel SQL as the database gets it: what Grafana and its ClickHouse plugin 4.20 put in.

The browser goes first ($__conditionalAll, variables), the plugin's backend second ($__timeFilter
and friends). Alerts skip the browser. Anything left over is an error there, and here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

ALL = None  # the value of a variable set to "All"
# Boxes and choices as a board opens with them.
TEXTS = {
    "group_by": "feature",
    "candidate": "claude-haiku-4-5",
    "record_id": "",
    "trace_id": "",
    "session_id": "",
    "user_id": "",
}


@dataclass(frozen=True)
class Panel:
    """One look at a board: its time range, its bucket, and what the variables are set to."""

    since: datetime
    until: datetime
    interval_s: int = 3600
    variables: Mapping[str, Sequence[str] | str | None] = field(default_factory=dict)
    """A list for a multi-value picker, ALL, or a text for a box or a choice of one."""

    def expand(self, sql: str) -> str:
        """SQL of a panel or a variable, ready to run."""
        return self.expand_backend(self._expand_browser(sql))

    def _expand_browser(self, sql: str) -> str:
        sql = re.sub(r"\$__conditionalAll\(", "\0", sql)
        while "\0" in sql:
            head, rest = sql.split("\0", 1)
            condition, variable, rest = _arguments(rest)
            chosen = self.variables.get(variable.strip().strip("${}"))
            sql = head + ("1=1" if chosen is ALL else condition) + rest
        for name, chosen in (TEXTS | dict(self.variables)).items():
            for spelt in (f"'${{{name}}}'", f"${{{name}}}"):
                if isinstance(chosen, str):
                    sql = sql.replace(spelt, spelt.replace(f"${{{name}}}", chosen))
            if isinstance(chosen, str):
                chosen = [chosen]
            quoted = ",".join("'" + value.replace("'", "\\'") + "'" for value in chosen or [])
            sql = sql.replace(f"${{{name}:singlequote}}", quoted)
        return sql

    def expand_backend(self, sql: str) -> str:
        """The macros of the plugin's backend: all that an alert query gets."""
        start = f"toDateTime({int(self.since.timestamp())})"
        end = f"toDateTime({int(self.until.timestamp())})"
        every = max(self.interval_s, 1)
        sql = re.sub(r"\$__timeFilter\((\w+)\)", rf"\1 >= {start} AND \1 <= {end}", sql)
        sql = re.sub(
            r"\$__timeInterval\((\w+)\)",
            rf"toStartOfInterval(toDateTime(\1), INTERVAL {every} second)",
            sql,
        )
        sql = re.sub(r"\$__interval_s\b", str(every), sql)
        sql = re.sub(r"\$__fromTime\b", start, sql)
        sql = re.sub(r"\$__toTime\b", end, sql)
        if left := re.findall(r"\$[\w{][\w:}]*", sql):
            raise ValueError(f"neither Grafana nor the plugin expands {', '.join(left)}")
        return sql


def _arguments(text: str) -> tuple[str, str, str]:
    """`condition, $variable) rest` -> its three parts; brackets in the condition are balanced."""
    depth = 1
    for at, char in enumerate(text):
        depth += (char == "(") - (char == ")")
        if depth == 0:
            condition, variable = text[:at].rsplit(",", 1)
            return condition, variable, text[at + 1 :]
    raise ValueError("$__conditionalAll( is never closed")
