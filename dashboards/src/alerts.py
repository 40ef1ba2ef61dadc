# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Alert rules as a Grafana provisioning file.

Grafana expands `$NAME` from the environment in parts of such files, so none holds a dollar sign:
templates use `.Labels` and `.Values` instead of `$labels` and `$values`, and a dollar amount is
printed by the Go escape `\\x24`.

Only rules and one message template are shipped. Contact points and the notification policy are
the user's: a provisioned policy would replace the whole tree of the organisation.
"""

from __future__ import annotations

from typing import Any

from panels import PLUGIN, Json, sql

# Rules have no variables: this is the uid in provisioning/datasources/llmcost.yaml.
DATASOURCE_UID = "llmcost-clickhouse"
# Dollars above the norm within two hours. Smaller blow-ups are on the board, but do not alert.
FLOOR_USD = 1.0
RESOLVED_USD = 0.5

# Every notification that uses {{ template "llmcost.title" . }} leads with the money.
TITLE_TEMPLATE = """\
{{ define "llmcost.title" -}}
[{{ .Status | toUpper }}] {{ range .Alerts }}{{ .Annotations.summary }}. {{ end }}
{{- end }}
"""


def provisioning(board: Json) -> Json:
    """The file `provisioning/alerting/llmcost.yaml`; panel links go to `board`."""
    return {
        "apiVersion": 1,
        "groups": [
            {
                "orgId": 1,
                "name": "llmcost-anomalies",
                "folder": "LLM cost",
                "interval": "5m",
                "rules": [_token_blowup(board)],
            }
        ],
        "templates": [{"orgId": 1, "name": "llmcost", "template": TITLE_TEMPLATE}],
    }


def _token_blowup(board: Json) -> Json:
    [panel] = [p["id"] for p in board["panels"] if p["title"] == "Token blow-ups"]
    return {
        "uid": "llmcost_token_blowup",
        "title": "LLM token blow-up: dollars above the norm",
        "condition": "C",
        "for": "0s",
        "noDataState": "OK",
        "execErrState": "Error",
        "isPaused": False,
        "dashboardUid": board["uid"],
        "panelId": panel,
        "labels": {"product": "llmcost", "kind": "token_blowup", "severity": "warning"},
        "annotations": {
            "summary": (
                '{{ printf "\\x24%.2f" .Values.A.Value }} above the norm: token blow-up in '
                "{{ .Labels.feature }} on {{ .Labels.model }} ({{ .Labels.environment }})"
            ),
            "description": (
                "In the last two hours {{ .Labels.feature }} on {{ .Labels.model }} used 3 times "
                "or more the tokens it normally does. Its norm would have cost "
                '{{ printf "\\x24%.2f" .Values.A.Value }} less at list prices. '
                "The linked panel names the worst trace."
            ),
        },
        "data": [
            _query("A", sql("alerts/token_blowup"), seconds=7200),
            _threshold("C", "A", above=FLOOR_USD, until_below=RESOLVED_USD),
        ],
    }


def _query(ref: str, raw_sql: str, *, seconds: int) -> Json:
    return {
        "refId": ref,
        "datasourceUid": DATASOURCE_UID,
        "relativeTimeRange": {"from": seconds, "to": 0},
        "model": {
            "refId": ref,
            "datasource": {"type": PLUGIN, "uid": DATASOURCE_UID},
            "editorType": "sql",
            "queryType": "table",
            "format": 1,
            "intervalMs": 60000,  # without it the plugin counts in 1 s buckets
            "maxDataPoints": 1000,
            "rawSql": raw_sql,
        },
    }


def _threshold(ref: str, of: str, *, above: float, until_below: float) -> Json:
    conditions: list[dict[str, Any]] = [
        {
            "evaluator": {"type": "gt", "params": [above]},
            "unloadEvaluator": {"type": "lt", "params": [until_below]},
        }
    ]
    return {
        "refId": ref,
        "datasourceUid": "__expr__",
        "relativeTimeRange": {"from": 0, "to": 0},
        "model": {
            "refId": ref,
            "type": "threshold",
            "datasource": {"type": "__expr__", "uid": "__expr__"},
            "expression": of,
            "conditions": conditions,
        },
    }
