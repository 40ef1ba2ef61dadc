# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Grafana panels as plain dicts: Classic dashboard JSON, which Grafana 11.6 to 13 loads from files.

A panel's SQL is the file `queries/<board>/<slug>.sql`; its description is three sentences:
the question it answers, the formula, and what to beware of.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

Json = dict[str, Any]

QUERIES = Path(__file__).parent.parent / "queries"
PLUGIN = "grafana-clickhouse-datasource"
PLUGIN_VERSION = "4.20.0"
DATASOURCE: Json = {"type": PLUGIN, "uid": "${ds}"}

TIME_SERIES, TABLE = 0, 1  # what the plugin's backend calls `format`

USD, RATIO, COUNT, MILLISECONDS = "currencyUSD", "percentunit", "short", "ms"


class Column(NamedTuple):
    """How one column of a table panel reads. `decimals` None leaves it to Grafana."""

    title: str
    unit: str | None = None
    decimals: int | None = None
    width: int | None = None


def sql(name: str) -> str:
    """The text of queries/<name>.sql, without its header comments."""
    lines = (QUERIES / f"{name}.sql").read_text().splitlines()
    return "\n".join(line for line in lines if not line.startswith("--")).strip()


def panel(
    kind: str,
    query: str,
    title: str,
    description: str,
    *,
    at: tuple[int, int, int, int],
    fmt: int = TABLE,
    defaults: Json | None = None,
    overrides: list[Json] | None = None,
    options: Json | None = None,
    **more: Any,
) -> Json:
    """A panel at (x, y, width, height). `query` names the file under queries/."""
    x, y, width, height = at
    target: Json = {
        "refId": "A",
        "datasource": DATASOURCE,
        "editorType": "sql",
        "queryType": "timeseries" if fmt == TIME_SERIES else "table",
        "format": fmt,
        "pluginVersion": PLUGIN_VERSION,
        "rawSql": sql(query),
    }
    return {
        "type": kind,
        "title": title,
        "description": description,
        "datasource": DATASOURCE,
        "gridPos": {"x": x, "y": y, "w": width, "h": height},
        "targets": [target],
        "fieldConfig": {"defaults": defaults or {}, "overrides": overrides or []},
        "options": options or {},
        **more,
    }


def stat(
    query: str,
    title: str,
    description: str,
    *,
    at: tuple[int, int, int, int],
    unit: str,
    decimals: int,
    empty: str = "no calls",
    steps: list[tuple[float | None, str]] | None = None,
) -> Json:
    """One number. `empty` is shown where the answer is unknown: never a zero."""
    thresholds = {
        "mode": "absolute",
        "steps": [{"value": value, "color": color} for value, color in steps or [(None, "text")]],
    }
    return panel(
        "stat",
        query,
        title,
        description,
        at=at,
        defaults={"unit": unit, "decimals": decimals, "noValue": empty, "thresholds": thresholds},
        options={
            "reduceOptions": {"calcs": ["lastNotNull"], "fields": "", "values": False},
            "colorMode": "value",
            "graphMode": "none",
            "justifyMode": "center",
            "textMode": "value",
        },
    )


def over_time(
    query: str,
    title: str,
    description: str,
    *,
    at: tuple[int, int, int, int],
    unit: str,
    bars: bool,
    maximum: float | None = None,
) -> Json:
    """A chart over time, one series per value of the column `series`.

    Bars are stacked and meant for money per bucket, which a line would show as a rate.
    """
    custom: Json = {"drawStyle": "bars", "fillOpacity": 80, "lineWidth": 0, "axisSoftMin": 0}
    if bars:
        custom["stacking"] = {"mode": "normal", "group": "A"}
    else:
        custom |= {"drawStyle": "line", "fillOpacity": 0, "lineWidth": 2, "spanNulls": False}
    defaults: Json = {
        "unit": unit,
        "min": 0,
        "color": {"mode": "palette-classic-by-name"},
        "displayName": "${__field.labels.series}",
        "custom": custom,
    }
    if maximum is not None:
        defaults["max"] = maximum
    grey = {"id": "color", "value": {"mode": "fixed", "fixedColor": "#8e8e8e"}}
    return panel(
        "timeseries",
        query,
        title,
        description,
        at=at,
        fmt=TIME_SERIES,
        defaults=defaults,
        overrides=[{"matcher": {"id": "byName", "options": "other"}, "properties": [grey]}],
        options={
            "legend": {
                "displayMode": "table",
                "placement": "right",
                "calcs": ["sum"] if bars else ["mean", "lastNotNull"],
                "sortBy": "Total" if bars else "Mean",
                "sortDesc": True,
            },
            "tooltip": {"mode": "multi", "sort": "desc"},
        },
        interval="1h",  # the views keep hours
    )


def ranking(
    query: str, title: str, description: str, *, at: tuple[int, int, int, int], unit: str
) -> Json:
    """Horizontal bars, one a row. Without `min: 0` the smallest bar has length zero."""
    return panel(
        "bargauge",
        query,
        title,
        description,
        at=at,
        defaults={"unit": unit, "min": 0, "color": {"mode": "continuous-BlPu"}},
        options={
            "reduceOptions": {"calcs": [], "fields": "", "values": True, "limit": 10},
            "orientation": "horizontal",
            "displayMode": "basic",
            "valueMode": "text",
            "showUnfilled": False,
        },
    )


def table(
    query: str,
    title: str,
    description: str,
    *,
    at: tuple[int, int, int, int],
    columns: dict[str, Column],
) -> Json:
    """Rows. `columns` names every column of the query, in the order it selects them."""
    return panel(
        "table",
        query,
        title,
        description,
        at=at,
        defaults={"unit": COUNT, "custom": {"align": "auto", "inspect": True}},
        overrides=[_column(name, column) for name, column in columns.items()],
        options={"showHeader": True, "cellHeight": "sm"},
    )


def _column(name: str, column: Column) -> Json:
    properties: list[Json] = [{"id": "displayName", "value": column.title}]
    if column.unit is not None:
        properties.append({"id": "unit", "value": column.unit})
    if column.decimals is not None:
        properties.append({"id": "decimals", "value": column.decimals})
    if column.width is not None:
        properties.append({"id": "custom.width", "value": column.width})
    return {"matcher": {"id": "byName", "options": name}, "properties": properties}
