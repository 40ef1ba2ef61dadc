# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""What every board has in common: uid, variables, defaults."""

from __future__ import annotations

from otel_llmcost.dashboards.panels import (
    DATASOURCE,
    FILTERS,
    PLUGIN,
    RED,
    TABLE,
    Json,
    sql,
    written_out,
)

# Options follow the time range (refresh 2), so the pickers offer what the panels can show.
_OPTIONS = """\
SELECT DISTINCT toString(${column}) AS name
FROM llmcost.hourly_spend
WHERE ${hours}
    AND name != ''
ORDER BY name
LIMIT 5000"""


def board(
    slug: str,
    title: str,
    description: str,
    panels: list[Json],
    *,
    variables: list[Json] | None = None,
    since: str = "now-7d",
    refresh: str = "5m",
) -> Json:
    """A dashboard `llmcost-<slug>`. Panel ids are their order; `variables` follow the common."""
    return {
        "uid": f"llmcost-{slug}",
        "id": None,
        "title": title,
        "description": description,
        "tags": ["llmcost"],
        "schemaVersion": 42,
        "editable": False,
        "graphTooltip": 1,
        "timezone": "utc",
        "time": {"from": since, "to": "now"},
        "refresh": refresh,
        "links": [
            {
                "type": "dashboards",
                "title": "LLM cost",
                "tags": ["llmcost"],
                "asDropdown": True,
                "includeVars": True,
                "keepTime": True,
            }
        ],
        "annotations": {
            "list": [
                _annotation("Incidents", "shared/incidents", RED),
                _annotation("Price changes", "shared/price_changes", "#b877d9"),
                _annotation("Deploys", "shared/deploys", "#5794f2"),
            ]
        },
        "templating": {
            "list": [
                _datasource(),
                *(_filter(column, column.capitalize()) for column in FILTERS),
                *(variables or []),
            ]
        },
        "panels": [{"id": number, **panel} for number, panel in enumerate(panels, start=1)],
    }


def _datasource() -> Json:
    return {"name": "ds", "label": "Data source", "type": "datasource", "query": PLUGIN}


def _filter(column: str, label: str) -> Json:
    options = written_out(_OPTIONS.replace("${column}", column))
    return {
        "name": column,
        "label": label,
        "type": "query",
        "datasource": DATASOURCE,
        "query": {"editorType": "sql", "rawSql": options},
        "refresh": 2,
        "multi": True,
        "includeAll": True,
        "current": {"text": "All", "value": "$__all"},
        "sort": 0,
    }


def choice(name: str, label: str, options: list[str]) -> Json:
    """A picker of constants, the first one chosen."""
    return {
        "name": name,
        "label": label,
        "type": "custom",
        "query": ",".join(options),
        "options": [
            {"text": option, "value": option, "selected": option == options[0]}
            for option in options
        ],
        "current": {"text": options[0], "value": options[0]},
        "multi": False,
        "includeAll": False,
    }


def box(name: str, label: str) -> Json:
    """A field to type or paste an id into; links fill it. Empty is no filter."""
    return {
        "name": name,
        "label": label,
        "type": "textbox",
        "query": "",
        "current": {"text": "", "value": ""},
        "options": [{"text": "", "value": "", "selected": True}],
    }


def ad_hoc(table: str) -> list[Json]:
    """Filters by any column of `table`. Each query of the board has to end in the macro for them:
    in queries such as ours the plugin does not find by itself where they belong."""
    return [
        {"name": "filters", "label": "Filters", "type": "adhoc", "datasource": DATASOURCE},
        {
            "name": "clickhouse_adhoc_query",
            "type": "constant",
            "query": table,
            "current": {"text": table, "value": table},
            "hide": 2,
        },
    ]


def one_of(name: str, label: str, query: str) -> Json:
    """A picker of one row of queries/<query>.sql: its value, and beside it what the picker says."""
    return {
        "name": name,
        "label": label,
        "type": "query",
        "datasource": DATASOURCE,
        "query": {"editorType": "sql", "rawSql": sql(query)},
        "refresh": 1,
        "multi": False,
        "includeAll": False,
        "sort": 0,
    }


def _annotation(name: str, query: str, color: str) -> Json:
    return {
        "name": name,
        "datasource": DATASOURCE,
        "enable": True,
        "iconColor": color,
        "target": {
            "refId": "A",
            "datasource": DATASOURCE,
            "editorType": "sql",
            "queryType": "table",
            "format": TABLE,
            "rawSql": sql(query),
        },
    }
