# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Grafana panels as plain dicts: Classic dashboard JSON, which Grafana 11.6 to 13 loads from files.

A panel's SQL is the file `queries/<board>/<slug>.sql`; its description is three sentences:
the question it answers, the formula, and what to beware of.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, NamedTuple

Json = dict[str, Any]

QUERIES = Path(__file__).parent / "queries"
PLUGIN = "grafana-clickhouse-datasource"
PLUGIN_VERSION = "4.20.0"
DATASOURCE: Json = {"type": PLUGIN, "uid": "${ds}"}

TIME_SERIES, TABLE, TRACES = 0, 1, 3  # what the plugin's backend calls `format`

USD, RATIO, COUNT, MILLISECONDS, SECONDS = "currencyUSD", "percentunit", "short", "ms", "s"
MINUTE = "time:YYYY-MM-DD HH:mm"
"""A moment, to the minute: where all are of one hour Grafana would add milliseconds."""

HOURS = "Whole hours: the range is widened to the start of its first hour."
LIST_PRICE = "List prices; unpriced calls are not in it (see Unpriced)."

# Every board has these pickers. A view that lacks a column names the ones it has: `${filters:a,b}`.
FILTERS = ("environment", "service", "feature", "model", "team")
_WRITTEN_OUT = {
    "${hours}": "hour >= toStartOfHour($__fromTime) AND hour <= $__toTime",
    # Ranges of a week and more begin with a whole day: then rollups of days answer alone.
    "${since}": "if($__toTime - $__fromTime < 604800, $__fromTime, "
    "toDateTime(toStartOfDay($__fromTime, 'UTC'), 'UTC'))",
    "${step}": "if($__toTime - $__fromTime < 604800, toUInt32($__interval_s), 86400)",
    # A unit's part in what is chosen, or the whole of it where everything is.
    "${units}": "is_total = ${everything} AND ${filters:environment,service,feature,team}",
    "${everything}": "($__conditionalAll(0 = 1, $service) AND $__conditionalAll(0 = 1, $feature) "
    "AND $__conditionalAll(0 = 1, $team))",
}

# What a link carries along. Names are escaped: a feature may hold a quote, an ampersand, an emoji.
_SAME_VIEW = "${ds:queryparam}&${__url_time_range}"
TO_CALL = (
    f"/d/llmcost-explorer?var-record_id=${{__data.fields.record_id:percentencode}}&{_SAME_VIEW}"
)
TO_TRACE = (
    f"/d/llmcost-explorer?var-trace_id=${{__data.fields.trace_id:percentencode}}&{_SAME_VIEW}"
)
TO_SESSION = (
    f"/d/llmcost-explorer?var-session_id=${{__data.fields.session_id:percentencode}}&{_SAME_VIEW}"
)
TO_FEATURE = (
    "/d/llmcost-feature?var-feature=${__data.fields.feature:percentencode}"
    f"&${{environment:queryparam}}&{_SAME_VIEW}"
)

# The same kind of token has the same colour on every board.
TOKEN_COLORS = {
    "uncached input": "#5794f2",
    "cache read": "#73bf69",
    "cache write": "#ff9830",
    "output": "#b877d9",
    "reasoning": "#ca95e5",
}


class Column(NamedTuple):
    """How one column of a table panel reads. `decimals` None leaves it to Grafana."""

    title: str
    unit: str | None = None
    decimals: int | None = None
    width: int | None = None
    link: str | None = None


def sql(name: str) -> str:
    """queries/<name>.sql without its header, and with our own words written out."""
    lines = (QUERIES / f"{name}.sql").read_text().splitlines()
    text = "\n".join(line for line in lines if not line.startswith("--")).strip()
    for word, written in _WRITTEN_OUT.items():
        text = text.replace(word, written)
    text = re.sub(r"\$\{typed:(\w+)\}", lambda token: _typed(token[1]), text)
    return re.sub(r"\$\{filters(?::([\w,]+))?\}", _filters, text)


def _filters(token: re.Match[str]) -> str:
    columns = token[1].split(",") if token[1] else FILTERS
    return "\n    AND ".join(f"$__conditionalAll({_is_chosen(name)}, ${name})" for name in columns)


def _typed(variable: str) -> str:
    """What a box or a picker of one holds. It reaches the SQL percent-encoded: letters, digits and
    `-_.~%`. Grafana's quoting formats leave a backslash as it is, which ends a string early."""
    return f"decodeURLComponent('${{{variable}:percentencode}}')"


def _is_chosen(column: str) -> str:
    """Whether a picker of several has this row's value: Grafana writes them as `{a,b}`.

    A name that itself holds a comma also chooses its parts. No `$'` in here: the plugin would paste
    the rest of the query in its place."""
    chosen = rf"replaceRegexpOne({_typed(column)}, '(?s)^[{{]?(.*?)[}}]?\\z', ',\\1,')"
    return f"position({chosen}, concat(',', {column}, ',')) > 0"


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
        "queryType": {TIME_SERIES: "timeseries", TABLE: "table", TRACES: "traces"}[fmt],
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
    decimals: int | None = None,
    share: bool = False,
    below_zero: bool = False,
    interval: str = "1h",
    colors: dict[str, str] | None = None,
) -> Json:
    """A chart over time, one series per value of the column `series`.

    Bars are stacked and meant for money per bucket, which a line would show as a rate. `share`
    draws each bucket as 100 %. `interval` is the finest bucket: the views keep hours.
    """
    custom: Json = {"drawStyle": "bars", "fillOpacity": 80, "lineWidth": 0, "axisSoftMin": 0}
    if bars:
        custom["stacking"] = {"mode": "percent" if share else "normal", "group": "A"}
    else:
        custom |= {"drawStyle": "line", "fillOpacity": 0, "lineWidth": 2, "spanNulls": False}
    defaults: Json = {
        "unit": unit,
        "color": {"mode": "palette-classic-by-name"},
        "displayName": "${__field.labels.series}",
        "custom": custom,
    }
    if not below_zero:
        defaults["min"] = 0
    if maximum is not None:
        defaults["max"] = maximum
    if decimals is not None:
        defaults["decimals"] = decimals
    fixed = {"other": "#8e8e8e"} | (colors or {})
    return panel(
        "timeseries",
        query,
        title,
        description,
        at=at,
        fmt=TIME_SERIES,
        defaults=defaults,
        overrides=[_fixed_color(name, color) for name, color in fixed.items()],
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
        interval=interval,
    )


def _fixed_color(series: str, color: str) -> Json:
    properties = [{"id": "color", "value": {"mode": "fixed", "fixedColor": color}}]
    return {"matcher": {"id": "byName", "options": series}, "properties": properties}


def ranking(
    query: str,
    title: str,
    description: str,
    *,
    at: tuple[int, int, int, int],
    unit: str,
    limit: int = 10,
    link: str | None = None,
) -> Json:
    """Horizontal bars, one a row. Without `min: 0` the smallest bar has length zero."""
    defaults: Json = {"unit": unit, "min": 0, "color": {"mode": "continuous-BlPu"}}
    if link is not None:
        defaults["links"] = [{"title": "Open", "url": link}]
    return panel(
        "bargauge",
        query,
        title,
        description,
        at=at,
        defaults=defaults,
        options={
            "reduceOptions": {"calcs": [], "fields": "", "values": True, "limit": limit},
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
    if column.unit == USD:  # a cost that is not known is not zero
        properties.append({"id": "noValue", "value": "unknown"})
    if column.link is not None:
        properties.append({"id": "links", "value": [{"title": "Open", "url": column.link}]})
    if column.unit is not None:
        properties.append({"id": "unit", "value": column.unit})
    if column.decimals is not None:
        properties.append({"id": "decimals", "value": column.decimals})
    if column.width is not None:
        properties.append({"id": "custom.width", "value": column.width})
    return {"matcher": {"id": "byName", "options": name}, "properties": properties}


def text(title: str, markdown: str, *, at: tuple[int, int, int, int]) -> Json:
    """Words, no query."""
    x, y, width, height = at
    return {
        "type": "text",
        "title": title,
        "description": "What to do with this board.",
        "gridPos": {"x": x, "y": y, "w": width, "h": height},
        "options": {"mode": "markdown", "content": markdown},
    }


def trace(query: str, title: str, description: str, *, at: tuple[int, int, int, int]) -> Json:
    """The spans of one trace, drawn by Grafana's own trace viewer."""
    return panel("traces", query, title, description, at=at, fmt=TRACES)
