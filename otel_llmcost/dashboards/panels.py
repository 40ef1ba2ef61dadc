# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Grafana panels as plain dicts: Classic dashboard JSON, which Grafana 11.6 to 13 loads from files.

A panel's SQL is the file `queries/<board>/<slug>.sql`; its description is three sentences:
the question it answers, the formula, and what to beware of.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

Json = dict[str, Any]

QUERIES = Path(__file__).parent / "queries"
PLUGIN = "grafana-clickhouse-datasource"
PLUGIN_VERSION = "4.20.0"
DATASOURCE: Json = {"type": PLUGIN, "uid": "${ds}"}

TIME_SERIES, TABLE, TRACES = 0, 1, 3  # what the plugin's backend calls `format`

USD, RATIO, COUNT, MILLISECONDS, SECONDS = "currencyUSD", "percentunit", "short", "ms", "s"
MINUTE, SECOND = "time:YYYY-MM-DD HH:mm", "time:YYYY-MM-DD HH:mm:ss"
"""A moment: where all are of one hour Grafana would add milliseconds."""

RANGE = "Whole hours; from seven days on, whole UTC days."
LIST_PRICE = "List prices; unpriced calls are not in it (see Unpriced)."
GOOD = "none, good"
"""What an empty panel says where nothing is what one hopes for."""

# Every board has these pickers. A view that lacks a column names the ones it has: `${filters:a,b}`.
FILTERS = ("environment", "service", "feature", "model", "team")
_WRITTEN_OUT = {
    # Few enough to read the calls themselves: sketches are far off where there are few.
    "${few}": "(SELECT sum(calls) <= 100000 FROM llmcost.hourly_spend WHERE ${hours} "
    "AND ${filters})",
    # What the reader groups by; only models have colors of their own.
    "${group}": "multiIf(${group_by} = 'model', toString(model), ${group_by} = 'team', "
    "toString(team), ${group_by} = 'service', toString(service), ${group_by} = 'environment', "
    "toString(environment), ${group_by} = 'provider', toString(provider), toString(feature))",
    "${kind}": "if(${group_by} = 'model', 'model ', 'feature ')",
    "${group_by}": "'${group_by:percentencode}'",
    # One range for all panels of a board, so that their sums agree: to whole hours, as rollups are.
    "${hours}": "hour >= ${since} AND hour < ${until}",
    "${range}": "ts >= ${since} AND ts < ${until}",
    # The chosen incident: whose, and from when to when.
    "${incident}": "(SELECT CAST((any(environment), any(feature), any(toDateTime(start, 'UTC')), "
    "any(toDateTime(ifNull(end, now()), 'UTC'))), 'Tuple(environment String, feature String, "
    "start DateTime(\\'UTC\\'), until DateTime(\\'UTC\\'))') FROM llmcost.incidents "
    "WHERE incident_id = ${typed:incident})",
    # Detection compares with all environments where the incident's own has no past: so do boards.
    "${past}": "(SELECT count() > 0 FROM llmcost.hourly_spend WHERE environment = "
    "chosen.environment AND feature = chosen.feature AND hour >= chosen.start - INTERVAL 7 DAY "
    "AND hour < toStartOfHour(chosen.start))",
    "${before}": "${since} - (${until} - ${since})",
    # Ranges of a week and more begin with a whole day: then rollups of days answer alone.
    "${since}": "if($__toTime - $__fromTime < 604800, toStartOfHour($__fromTime), "
    "toDateTime(toStartOfDay($__fromTime, 'UTC'), 'UTC'))",
    "${until}": "(toStartOfHour($__toTime) + INTERVAL 1 HOUR)",
    "${step}": "if($__toTime - $__fromTime < 604800, toUInt32($__interval_s), 86400)",
    # A unit's part in what is chosen, or the whole of it where everything is.
    "${units}": "is_total = ${everything} AND ${filters:environment,service,feature,team}",
    "${everything}": "($__conditionalAll(0 = 1, $service) AND $__conditionalAll(0 = 1, $feature) "
    "AND $__conditionalAll(0 = 1, $team))",
}

# What a link carries along. Names are escaped: a feature may hold a quote, an ampersand, an emoji.
_SAME_VIEW = "${ds:queryparam}&${__url_time_range}"


def link_to(board: str, variable: str, field: str = "") -> str:
    """A link to a board with one variable set to the field of the row, or of the same name."""
    value = f"${{__data.fields.{field or variable}:percentencode}}"
    return f"/d/llmcost-{board}?var-{variable}={value}&{_SAME_VIEW}"


TO_CALL, TO_TRACE, TO_SESSION, TO_USER = (
    link_to("explorer", name) for name in ("record_id", "trace_id", "session_id", "user_id")
)
TO_FEATURE, TO_MODEL = link_to("feature", "feature"), link_to("feature", "model")
TO_SERVICE = link_to("pipeline", "service")
TO_INCIDENT = link_to("anomalies", "incident", "incident_id")

# The same kind of token has the same color on every board.
TOKEN_COLORS = {
    "uncached input": "#5794f2",
    "cache read": "#73bf69",
    "cache write": "#ff9830",
    "output": "#b877d9",
    "reasoning": "#e0699a",
}
RED, ORANGE, GREEN, BLUE, GREY = "#f2495c", "#ff9830", "#73bf69", "#5794f2", "#8e8e8e"
YELLOW, PURPLE = "#fade2a", "#b877d9"
STATE_COLORS = {
    "open": RED,
    "acknowledged": ORANGE,
    "expected": BLUE,
    "muted": GREY,
    "closed": GREEN,
}
# By whose repair it is: too much by itself, sent again, another model, the cache, more calls.
KIND_COLORS = {
    **dict.fromkeys(("loop", "retry_storm", "duplicate_requests"), RED),
    **dict.fromkeys(("prompt_growth", "output_growth", "gradual_drift", "call_outlier"), ORANGE),
    "truncation_surge": ORANGE,
    "model_swap": PURPLE,
    "cache_collapse": YELLOW,
    "volume_surge": BLUE,
    "new_feature": BLUE,
    "untagged_spend": GREY,
    "unpriced_model": GREY,
}


class Column(NamedTuple):
    """How one column of a table panel reads. `decimals` None leaves it to Grafana."""

    title: str
    unit: str | None = None
    decimals: int | None = None
    width: int | None = None
    link: str | None = None
    colors: Mapping[str, str] | None = None
    """Of the text of some values."""
    steps: tuple[tuple[float | None, str], ...] = ()
    """Of the text of numbers, from this value up."""
    hide_zero: bool = False
    """Leaves a cell of less than half a cent empty."""
    empty: str = ""
    """Instead of an empty text."""
    is_bar: bool = False
    """Draws a share as a bar."""


def sql(name: str) -> str:
    """queries/<name>.sql without its header, and with our own words written out."""
    lines = (QUERIES / f"{name}.sql").read_text().splitlines()
    return written_out("\n".join(line for line in lines if not line.startswith("--")).strip())


def written_out(text: str) -> str:
    """A statement with our own words, `${…}`, replaced by what Grafana and its plugin know."""
    text = re.sub(r"\$\{ranked:(\w+)\}", lambda token: _ranked(token[1]), text)
    for word, written in _WRITTEN_OUT.items():
        text = text.replace(word, written)
    text = re.sub(r"\$\{typed:(\w+)\}", lambda token: _typed(token[1]), text)
    return re.sub(r"\$\{filters(?::([\w,]+))?\}", _filters, text)


def _ranked(by: str) -> str:
    """The eight most expensive of 30 days, whatever is chosen: their ranks, and so their colors,
    are the same on all boards."""
    name = "${group}" if by == "group" else f"toString({by})"
    return (
        f"(SELECT groupArray(ranked_name) FROM (SELECT {name} AS ranked_name\n"
        "FROM llmcost.hourly_spend WHERE hour >= $__toTime - INTERVAL 30 DAY AND hour < ${until} "
        "GROUP BY ranked_name ORDER BY sum(cost_usd) DESC NULLS LAST, ranked_name LIMIT 8))"
    )


def _filters(token: re.Match[str]) -> str:
    columns = token[1].split(",") if token[1] else FILTERS
    return "\n    AND ".join(f"$__conditionalAll({_is_chosen(name)}, ${name})" for name in columns)


def _typed(variable: str) -> str:
    """What a box or a picker of one holds. It reaches the SQL percent-encoded: letters, digits and
    `-_.~%`. Grafana's quoting formats leave a backslash as it is, which ends a string early."""
    return f"decodeURLComponent('${{{variable}:percentencode}}')"


def _is_chosen(column: str) -> str:
    """Whether a picker of several has this row's value. Grafana writes them as `v=a&v=b`, each
    percent-encoded: a comma, a quote or a backslash in a name is no different from a letter."""
    written = f"splitByChar('&', '${{{column}:customqueryparam:v}}')"
    return f"has(arrayMap(v -> decodeURLComponent(substring(v, 3)), {written}), {column})"


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
    steps: Sequence[tuple[float | None, str]] = ((None, "text"),),
    trend: bool = False,
    compared: bool = False,
) -> Json:
    """One number. `empty` is shown where the answer is unknown: never a zero.

    `trend`: the query answers parts by time, which add up to the number. `compared`: it answers two
    numbers, `now` and `before`, of as long a range before this one.
    """
    return panel(
        "stat",
        query,
        title,
        description,
        at=at,
        fmt=TIME_SERIES if trend else TABLE,
        defaults={
            "unit": unit,
            "decimals": decimals,
            "noValue": empty,
            "color": {"mode": "thresholds"},
            "thresholds": _thresholds(steps),
        },
        overrides=[_before()] if compared else [],
        options={
            "reduceOptions": {
                "calcs": ["sum" if trend else "lastNotNull"],
                "fields": "",
                "values": False,
            },
            "colorMode": "value",
            "graphMode": "area" if trend else "none",
            "justifyMode": "auto" if trend else "center",
            "textMode": "value_and_name" if compared else "value",
        },
        **({"interval": "1h", "maxDataPoints": BUCKETS} if trend else {}),
    )


def _thresholds(steps: Sequence[tuple[float | None, str]]) -> Json:
    return {"mode": "absolute", "steps": [{"value": at, "color": color} for at, color in steps]}


def _before() -> Json:
    color = {"id": "color", "value": {"mode": "fixed", "fixedColor": GREY}}
    return {"matcher": {"id": "byName", "options": "before"}, "properties": [color]}


BUCKETS = 48
"""At most about as many bars in a chart: hours of two days, three hours of a week, half days of a
month. Narrower ones are hairlines."""


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
    interval: str = "1h",
    colors: dict[str, str] | None = None,
    band: tuple[str, str] | None = None,
    logarithmic: bool = False,
    days: int | None = None,
    empty: str = "no calls",
) -> Json:
    """A chart over time, one series per value of the column `series`.

    Its color is the one that `colors` names for it, else that of the column `color`: a rank, see
    `RANK_COLORS`. Bars are stacked and meant for money per bucket, which a line would show as a
    rate. `interval` is the finest bucket: the views keep hours. What is between the two series of
    `band` is filled. `days` is a range of its own, instead of the board's.
    """
    custom: Json = {"drawStyle": "bars", "fillOpacity": 80, "lineWidth": 0, "axisSoftMin": 0}
    if bars:
        custom["stacking"] = {"mode": "normal", "group": "A"}
    else:
        custom |= {"drawStyle": "line", "fillOpacity": 0, "lineWidth": 2, "spanNulls": False}
    defaults: Json = {
        "unit": unit,
        "color": {"mode": "palette-classic-by-name"},
        "displayName": "${__field.labels.series}" if colors else "${__field.labels.color}",
        "noValue": empty,
        "min": 0,
        "custom": custom,
    }
    if logarithmic:
        del defaults["min"], custom["axisSoftMin"]
        custom["scaleDistribution"] = {"type": "log", "log": 10}
    if maximum is not None:
        defaults["max"] = maximum
    if decimals is not None:
        defaults["decimals"] = decimals
    overrides = [_fixed_color(*fixed) for fixed in colors.items()] if colors else _rank_colors()
    if band is not None:
        overrides += _filled(*band)
    return panel(
        "timeseries",
        query,
        title,
        description,
        at=at,
        fmt=TIME_SERIES,
        defaults=defaults,
        overrides=overrides,
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
        maxDataPoints=BUCKETS,
        **({} if days is None else {"timeFrom": f"{days}d"}),
    )


def _filled(low: str, high: str) -> list[Json]:
    thin = {"id": "custom.lineWidth", "value": 0}
    fill = [
        {"id": "custom.fillBelowTo", "value": low},
        {"id": "custom.fillOpacity", "value": 25},
    ]
    return [
        {"matcher": {"id": "byName", "options": low}, "properties": [thin]},
        {"matcher": {"id": "byName", "options": high}, "properties": [thin, *fill]},
    ]


# Of what is first to eighth in 30 days, on all boards; then of what is first to seventh in a chart
# without being one of those. Models have their own: no feature looks like a model.
RANK_COLORS = {
    "feature": (
        "#5794f2 #ff9830 #73bf69 #f2495c #b877d9 #fade2a #37b7c3 #e0699a "
        "#1f60c4 #c4620d #37872d #ad0317 #7c2ea3 #c69c06 #0f7c86"
    ),
    "model": (
        "#6ed0e0 #ef843c #b7dbab #e24d42 #ba43a9 #cca300 #1f78c1 #d7a6f5 "
        "#447ebc #c15c17 #508642 #890f02 #6d1f62 #967302 #584477"
    ),
}


def _rank_colors() -> list[Json]:
    """The label `color` picks the color; what is shown is the label `series`."""
    ranks = {
        f"{kind} {rank}": color
        for kind, colors in RANK_COLORS.items()
        for rank, color in enumerate(colors.split(), start=1)
    }
    series = {"id": "displayName", "value": "${__field.labels.series}"}
    overrides = [_fixed_color(rank, color) for rank, color in (ranks | {"other": GREY}).items()]
    for override in overrides:
        override["properties"].append(series)
    return overrides


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
    decimals: int | None = None,
    link: str | None = None,
    empty: str = "no calls",
) -> Json:
    """Horizontal bars, one a row. Without `min: 0` the smallest bar has length zero."""
    defaults: Json = {
        "unit": unit,
        "min": 0,
        "noValue": empty,
        "color": {"mode": "fixed", "fixedColor": BLUE},
    }
    if decimals is not None:
        defaults["decimals"] = decimals
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
    empty: str = "no calls",
) -> Json:
    """Rows. `columns` names every column of the query, in the order it selects them. `empty` is
    what the panel says without any."""
    return panel(
        "table",
        query,
        title,
        description,
        at=at,
        defaults={
            "unit": COUNT,
            "noValue": empty,
            "custom": {"align": "auto", "inspect": True},
        },
        overrides=[_column(name, column) for name, column in columns.items()],
        options={"showHeader": True, "cellHeight": "sm"},
    )


def _column(name: str, column: Column) -> Json:
    # A cost that is not known is not zero; in other columns a dash says that there is none.
    said: Json = {
        "displayName": column.title,
        "noValue": "unknown" if column.unit == USD else "-",
        "unit": column.unit,
        "decimals": column.decimals,
        "custom.width": column.width,
        "links": [{"title": "Open", "url": column.link}] if column.link else None,
    }
    mappings: list[Json] = []
    if column.colors:
        shown = enumerate(column.colors.items())
        named = {value: {"color": color, "index": index} for index, (value, color) in shown}
        mappings.append({"type": "value", "options": named})
    if column.hide_zero:
        nothing = {"from": -0.005, "to": 0.005, "result": {"text": ""}}
        mappings.append({"type": "range", "options": nothing})
    if column.empty:
        nothing = {"match": "empty", "result": {"text": column.empty}}
        mappings.append({"type": "special", "options": nothing})
    if mappings:
        said["mappings"] = mappings
    if column.steps:
        said |= {"color": {"mode": "thresholds"}, "thresholds": _thresholds(column.steps)}
    if column.colors or column.steps:
        said["custom.cellOptions"] = {"type": "color-text"}
    if column.is_bar:
        gauge = {"type": "gauge", "mode": "basic", "valueDisplayMode": "text"}
        said |= {"custom.cellOptions": gauge, "min": 0, "max": 1}
        said["color"] = {"mode": "fixed", "fixedColor": BLUE}
    properties = [{"id": key, "value": value} for key, value in said.items() if value is not None]
    return {"matcher": {"id": "byName", "options": name}, "properties": properties}


def trace(query: str, title: str, description: str, *, at: tuple[int, int, int, int]) -> Json:
    """The spans of one trace, drawn by Grafana's own trace viewer."""
    return panel("traces", query, title, description, at=at, fmt=TRACES)
