# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Panel SQL as the database gets it: what Grafana and its ClickHouse plugin 4.20 put in.

The browser goes first ($__conditionalAll, variables), the plugin's backend second ($__timeFilter
and friends). Alerts skip the browser. Anything left over is an error there, and here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import quote

ALL = None  # the value of a variable set to "All"
# Boxes and choices as a board opens with them.
TEXTS = {
    "group_by": "feature",
    "candidate": "claude-haiku-4-5",
    "record_id": "",
    "trace_id": "",
    "session_id": "",
    "user_id": "",
    "incident": "",
}


def _percent_encoded(value: str | Sequence[str]) -> str:
    """encodeURIComponent with `!'()*` too; several values as one glob, commas and all."""
    text = value if isinstance(value, str) else "{" + ",".join(value) + "}"
    return quote(text, safe="-_.~", errors="surrogatepass")


def _single_quoted(value: str | Sequence[str]) -> str:
    values = [value] if isinstance(value, str) else value
    return ",".join("'" + one.replace("'", "\\'") + "'" for one in values)


def _sql_string(value: str | Sequence[str]) -> str:
    values = [value] if isinstance(value, str) else value
    return ",".join("'" + one.replace("'", "''").replace('"', '\\"') + "'" for one in values)


def _plain(value: str | Sequence[str]) -> str:
    """Without a format, the plugin's own: a text as it is, a list in quotes and nothing escaped."""
    return value if isinstance(value, str) else "'" + "','".join(value) + "'"


def _query_parameter(value: str | Sequence[str]) -> str:
    """`customqueryparam:v`: each value for itself, percent-encoded."""
    values = [value] if isinstance(value, str) else value
    return "&".join("v=" + _percent_encoded(one) for one in values)


FORMATS: dict[str | None, Callable[[str | Sequence[str]], str]] = {
    None: _plain,
    "percentencode": _percent_encoded,
    "customqueryparam:v": _query_parameter,
    "singlequote": _single_quoted,
    "sqlstring": _sql_string,
}
"""How Grafana writes a variable's value into a query; only these two are safe."""


@dataclass(frozen=True)
class Panel:
    """One look at a board: its time range, its bucket, and what the variables are set to."""

    since: datetime
    until: datetime
    interval_s: int = 3600
    variables: Mapping[str, Sequence[str] | str | None] = field(default_factory=dict)
    """A list for a multi-value picker, ALL, or a text for a box or a choice of one."""
    ad_hoc: str = ""
    """What the ad hoc filters come to, such as `user_id = 'ada'`."""

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
        chosen_of = TEXTS | dict(self.variables)

        def formatted(token: re.Match[str]) -> str:
            chosen = chosen_of.get(token[1])
            return token[0] if chosen is None else FORMATS[token[2]](chosen)

        filtered = self.ad_hoc.replace("'", "\\'")
        sql = re.sub(
            r"\$__adHocFilters\('([\w.]+)'\)",
            lambda table: (
                f"additional_table_filters={{'{table[1]}': '{filtered}'}}"
                if filtered
                else "additional_table_filters={}"
            ),
            sql,
        )
        # One pass: what a value holds is not expanded again.
        return re.sub(r"\$\{(\w+)(?::([\w:]+))?\}", formatted, sql)

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
