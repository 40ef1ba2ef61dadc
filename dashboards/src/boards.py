# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""What every board has in common: uid, variables, defaults."""

from __future__ import annotations

from panels import DATASOURCE, PLUGIN, Json

# Options follow the time range (refresh 2), so the pickers offer what the panels can show.
_OPTIONS = """\
SELECT DISTINCT {column}
FROM llmcost.spend_1h
WHERE hour >= toStartOfHour($__fromTime) AND hour <= $__toTime
ORDER BY {column}
LIMIT 500"""


def board(slug: str, title: str, description: str, panels: list[Json]) -> Json:
    """A dashboard `llmcost-<slug>`. Panel ids are their order: add new panels at the end."""
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
        "time": {"from": "now-7d", "to": "now"},
        "refresh": "5m",
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
        "annotations": {"list": []},
        "templating": {
            "list": [
                _datasource(),
                _filter("environment", "Environment"),
                _filter("feature", "Feature"),
            ]
        },
        "panels": [{"id": number, **panel} for number, panel in enumerate(panels, start=1)],
    }


def _datasource() -> Json:
    return {"name": "ds", "label": "Data source", "type": "datasource", "query": PLUGIN}


def _filter(column: str, label: str) -> Json:
    return {
        "name": column,
        "label": label,
        "type": "query",
        "datasource": DATASOURCE,
        "query": {"editorType": "sql", "rawSql": _OPTIONS.format(column=column)},
        "refresh": 2,
        "multi": True,
        "includeAll": True,
        "current": {"text": "All", "value": "$__all"},
        "sort": 0,
    }
