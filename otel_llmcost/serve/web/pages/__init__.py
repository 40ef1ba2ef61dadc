# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""One file per page, and the address of each."""

from __future__ import annotations

from otel_llmcost.serve.web.page import Route
from otel_llmcost.serve.web.pages.anomalies import anomalies
from otel_llmcost.serve.web.pages.budgets import ACTIONS as BUDGET_ACTIONS
from otel_llmcost.serve.web.pages.budgets import budget_list
from otel_llmcost.serve.web.pages.cache import cache
from otel_llmcost.serve.web.pages.call import call
from otel_llmcost.serve.web.pages.calls import PARAMETERS as CALLS
from otel_llmcost.serve.web.pages.calls import calls
from otel_llmcost.serve.web.pages.entity import entity
from otel_llmcost.serve.web.pages.explore import PARAMETERS as EXPLORE
from otel_llmcost.serve.web.pages.explore import explored
from otel_llmcost.serve.web.pages.incident import ACTIONS as INCIDENT_ACTIONS
from otel_llmcost.serve.web.pages.incident import incident
from otel_llmcost.serve.web.pages.month import month_page
from otel_llmcost.serve.web.pages.overview import overview
from otel_llmcost.serve.web.pages.pipeline import pipeline_page
from otel_llmcost.serve.web.pages.rules import rules
from otel_llmcost.serve.web.pages.run import PARAMETERS as RUN
from otel_llmcost.serve.web.pages.run import run_tree
from otel_llmcost.serve.web.pages.runs import PARAMETERS as RUNS
from otel_llmcost.serve.web.pages.runs import runs
from otel_llmcost.serve.web.pages.savings import ACTIONS as SAVING_ACTIONS
from otel_llmcost.serve.web.pages.savings import savings
from otel_llmcost.serve.web.pages.sql import sql
from otel_llmcost.serve.web.pages.top_savings import top_savings
from otel_llmcost.serve.web.pages.why import why

ROUTES = {
    "/": Route(overview, ("by",), label="Overview"),
    "/explore": Route(explored, EXPLORE, label="Explore"),
    "/calls": Route(calls, CALLS, label="Calls"),
    "/runs": Route(runs, RUNS, label="Runs"),
    "/anomalies": Route(anomalies, label="Anomalies"),
    "/savings": Route(savings, label="Savings"),
    "/budgets": Route(budget_list, label="Budgets"),
    "/month": Route(month_page, ("month",), label="Month"),
    "/pipeline": Route(pipeline_page, label="Pipeline", is_rolled_up=False),
    "/sql": Route(sql, ("q",), label="SQL", is_rolled_up=False),
    "/cache": Route(cache),
    "/call": Route(call, ("id",), is_rolled_up=False),
    "/run": Route(run_tree, RUN, is_rolled_up=False),
    "/entity": Route(entity),
    "/rules": Route(rules, is_rolled_up=False),
    "/why": Route(why),
    "/top-savings": Route(top_savings),
    "/spend": Route(explored, EXPLORE),  # its address until now
    "/incident": Route(incident, ("id",)),
}
"""What answers each path."""

NAVIGATION = {path: route.label for path, route in ROUTES.items() if route.label}
"""What every page links to, in this order."""

ACTIONS = [*BUDGET_ACTIONS, *INCIDENT_ACTIONS, *SAVING_ACTIONS]
"""What people can change, and where its forms are sent."""
