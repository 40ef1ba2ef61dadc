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

from collections.abc import Mapping
from typing import Any, NamedTuple

from otel_llmcost.dashboards.panels import PLUGIN, Json, sql

# Rules have no variables: this is the uid in provisioning/datasources/llmcost.yaml.
DATASOURCE_UID = "llmcost-clickhouse"
# Every notification that uses {{ template "llmcost.title" . }} leads with the money.
TITLE_TEMPLATE = """\
{{ define "llmcost.title" -}}
[{{ .Status | toUpper }}] {{ range .Alerts }}{{ .Annotations.summary }}. {{ end }}
{{- end }}
"""


# Grafana's own address, whether or not it ends in a slash.
GRAFANA = '{{ reReplaceAll "/+\\z" "" externalURL }}'
DOLLARS = '{{ printf "\\x24%.2f" .Values.A.Value }}'


class Rule(NamedTuple):
    """One alert rule; its SQL is queries/alerts/<slug>.sql and answers one number a row."""

    slug: str
    title: str
    panel: tuple[str, str]
    """Board and title of the panel to look at."""
    summary: str
    description: str
    runbook: str
    above: float
    until_below: float
    """Where it is over: lower than `above`, so that a value in between does not flap; and above 0,
    which is what a query answers where all is well."""
    seconds: int
    hold: str = "0s"
    severity: str = "warning"
    url: str = ""
    """Where `runbook_url` leads, from the root of Grafana; else to the panel."""


RULES = (
    Rule(
        "incident",
        "LLM cost incident: dollars above the norm",
        ("llmcost-anomalies", "Incidents"),
        "{{ if gt .Values.A.Value 0.005 }}"
        + DOLLARS
        + " above the norm{{ else }}Unknown dollars{{ end }}: {{ .Labels.kind }} in "
        "{{ .Labels.feature }} on {{ .Labels.model }} ({{ .Labels.environment }})",
        "{{ .Labels.feature }} costs more than it usually does, or has calls without a price. The "
        "incident stays open until 24 hours were quiet.",
        "The linked board says more: since when and which version, why, whom it concerns, "
        "the worst calls. If it is meant or known, acknowledge it with the command shown there: "
        "then this alert resolves.",
        above=0.0,
        until_below=0.000001,
        seconds=86400,
        url="/d/llmcost-anomalies?var-incident={{ .Labels.incident_id | urlquery }}"
        "&var-environment={{ .Labels.environment | urlquery }}"
        "&var-feature={{ .Labels.feature | urlquery }}"
        "&var-model={{ .Labels.model | urlquery }}"
        "&from={{ .Labels.since_ms }}&to=now",
    ),
    Rule(
        "budget_forecast",
        "LLM budget will not hold: dollars over by the end of its period",
        ("llmcost-overview", "Budgets"),
        f"{DOLLARS} over budget by the end of the {{{{ .Labels.period }}}}: {{{{ .Labels.name }}}} "
        "({{ .Labels.scope }} {{ .Labels.scope_value }})",
        f"At the burn of the last 7 whole days budget {{{{ .Labels.name }}}} ends {DOLLARS} over.",
        "See which feature or model burns it: overview, What changed, and why. Then decide: a "
        "higher budget (otel-llmcost budgets set), a lever of the savings table, or a limit in "
        "process (LLMCOST_BUDGETS=1).",
        above=0.01,
        until_below=0.001,
        seconds=86400,
        hold="30m",
    ),
    Rule(
        "budget_used",
        "LLM budget past its warning: dollars beyond it",
        ("llmcost-overview", "Budgets"),
        f"{DOLLARS} past the warning line of budget {{{{ .Labels.name }}}} "
        "({{ .Labels.scope }} {{ .Labels.scope_value }}, per {{ .Labels.period }})",
        f"Budget {{{{ .Labels.name }}}} is {DOLLARS} beyond the share at which it warns (80 % "
        "unless set otherwise).",
        "Look at days left in the linked panel. Spend goes on: nothing is blocked unless the "
        "application runs with LLMCOST_BUDGETS=1 and the budget blocks.",
        above=0.01,
        until_below=0.001,
        seconds=86400,
    ),
    Rule(
        "unpriced",
        "LLM spend without a price: dollars unknown",
        ("llmcost-pipeline", "Without a price"),
        "Unknown dollars: {{ .Values.A.Value }} calls of {{ .Labels.model }} at "
        "{{ .Labels.provider }} have no price ({{ .Labels.environment }})",
        "Their cost is unknown, which is not zero: it is missing from every sum.",
        "The linked panel shows the reason. unknown_model: upgrade, or price it in an overlay of "
        "the price book. unknown_host: say who bills it with LLMCOST_HOSTS. Then otel-llmcost "
        "reprice prices what is stored.",
        above=10,
        until_below=1,
        seconds=86400,
    ),
    Rule(
        "pipeline_lag",
        "LLM costs arrive late: dollars on the boards are behind",
        ("llmcost-pipeline", "Lag"),
        "Dollars are {{ humanizeDuration .Values.A.Value }} behind: {{ .Labels.service }} "
        "({{ .Labels.environment }})",
        "95 of 100 calls that arrived in the last 15 minutes took longer than five minutes to get "
        "here. Sums of the newest hours are too low.",
        "The collector's queue and its refused counter (port 8888) say whether it waits for the "
        "store. A replay of old data looks the same and ends by itself. Clocks that differ do too.",
        above=300,
        until_below=120,
        seconds=900,
        hold="10m",
    ),
    Rule(
        "no_data",
        "LLM costs stopped arriving: dollars an hour unseen",
        ("llmcost-pipeline", "Services"),
        f"About {DOLLARS} an hour unseen: {{{{ .Labels.service }}}} "
        f"({{{{ .Labels.environment }}}}) "
        "reports no calls any more",
        "It reported in at least 20 of the 24 hours before, and not at all in the last two.",
        "Is the service down, or only its exporter? otel-llmcost doctor walks the way from the "
        "application to the store. A service that was retired resolves within a day.",
        above=0.0,
        until_below=0.000001,
        seconds=7200,
        severity="critical",
    ),
)


def provisioning(boards: Mapping[str, Json]) -> Json:
    """The file `provisioning/alerting/llmcost.yaml`; rules link to panels of `boards`."""
    return {
        "apiVersion": 1,
        "groups": [
            {
                "orgId": 1,
                "name": "llmcost",
                "folder": "LLM cost",
                "interval": "5m",
                "rules": [_rule(rule, boards) for rule in RULES],
            }
        ],
        "templates": [{"orgId": 1, "name": "llmcost", "template": TITLE_TEMPLATE}],
    }


def _rule(rule: Rule, boards: Mapping[str, Json]) -> Json:
    uid, panel_title = rule.panel
    [panel] = [p["id"] for p in boards[uid]["panels"] if p["title"] == panel_title]
    return {
        "uid": f"llmcost_{rule.slug}",
        "title": rule.title,
        "condition": "C",
        "for": rule.hold,
        "noDataState": "OK",  # no rows: a store that is new, or without budgets
        "execErrState": "Error",
        "isPaused": False,
        "dashboardUid": uid,
        "panelId": panel,
        "labels": {"product": "llmcost", "kind": rule.slug, "severity": rule.severity},
        "annotations": {
            "summary": rule.summary,
            "description": rule.description,
            "runbook": rule.runbook,
            "runbook_url": GRAFANA + (rule.url or f"/d/{uid}?viewPanel={panel}"),
        },
        "data": [
            _query("A", sql(f"alerts/{rule.slug}"), seconds=rule.seconds),
            _threshold("C", "A", above=rule.above, until_below=rule.until_below),
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
