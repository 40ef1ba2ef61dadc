# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""What a query returned: rows to iterate by name, a table in a notebook, a pandas DataFrame."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from importlib import import_module
from typing import Any, Literal

from otel_llmcost.errors import MissingExtraError

_SHOWN = 50
_TYPE = re.compile(r"(?:LowCardinality\()?(?P<nullable>Nullable\()?(?P<name>\w+)")


@dataclass(frozen=True, slots=True, repr=False)
class Result:
    """Rows of one query. Decimal columns hold Decimal, times are UTC datetimes, NULL is None.

    Iterating gives each row as a dict by column name. In a notebook it shows as a table.
    """

    columns: list[str]
    """Names; the embedded engine names none where there are no rows."""
    types: list[str]
    """ClickHouse's type names."""
    rows: list[tuple[Any, ...]]
    """In the order of `columns`."""

    def __iter__(self) -> Iterator[dict[str, Any]]:
        for row in self.rows:
            yield dict(zip(self.columns, row, strict=True))

    def __len__(self) -> int:
        return len(self.rows)

    def __repr__(self) -> str:
        return f"<Result of {_rows(len(self.rows))}: {', '.join(self.columns)}>"

    def df(self, money: Literal["decimal", "float"] = "decimal") -> Any:
        """The rows as a pandas DataFrame; NULL is missing, never 0.

        Decimal columns stay exact `Decimal` objects; `money="float"` makes them float64, which
        plots and means need. Whole numbers that may be NULL are Int64. Raises MissingExtraError
        without pandas.
        """
        if money not in ("decimal", "float"):
            raise ValueError(f"money={money!r} is neither 'decimal' nor 'float'")
        try:
            pandas: Any = import_module("pandas")
        except ImportError:
            raise MissingExtraError("notebook", "a DataFrame") from None
        return pandas.DataFrame(
            {
                number: pandas.Series([row[number] for row in self.rows], dtype=_dtype(kind, money))
                for number, kind in enumerate(self.types)
            }
        ).set_axis(list(self.columns), axis="columns")

    def _repr_html_(self) -> str:
        head = "".join(f"<th>{escape(name)}</th>" for name in self.columns)
        body = "".join(
            "<tr>" + "".join(f"<td>{_cell(value)}</td>" for value in row) + "</tr>"
            for row in self.rows[:_SHOWN]
        )
        more = len(self.rows) - _SHOWN
        note = f"<p>{_rows(more)} more: iterate, or use <code>.df()</code></p>" if more > 0 else ""
        return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{note}"


def _rows(number: int) -> str:
    return f"{number:,} row{'s' * (number != 1)}"


def _cell(value: Any) -> str:
    return "<em>NULL</em>" if value is None else escape(str(value))


def _dtype(kind: str, money: str) -> str:
    """What pandas should keep a column of a ClickHouse type in."""
    found = _TYPE.match(kind)
    name, nullable = (found["name"], found["nullable"]) if found else ("", None)
    if name.startswith("Decimal"):
        return "object" if money == "decimal" else "float64"
    if name.startswith("DateTime"):
        return "datetime64[ns, UTC]"
    if name.startswith("Float"):
        return "float64"
    if re.fullmatch(r"U?Int(8|16|32|64)", name):
        pandas_name = name.replace("I", "i").replace("Ui", "ui")
        return name if nullable else pandas_name
    return "object"
