# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""docs/reference/attributes.md, from `otel_llmcost/semconv.py` and the texts below its names."""

from __future__ import annotations

import ast
import inspect

from otel_llmcost import semconv
from tools.reference.markdown import documented, head, table

INTRODUCTION = """
What leaves an application: one record per billed reply, as a span or as a log event or as both,
with the instrumentation scope `otel_llmcost`. An attribute that does not apply, or whose value is
unknown, is absent; it is never 0 instead. The names `gen_ai.*` are OpenTelemetry's, those of the
cost are the proposal open-telemetry/semantic-conventions-genai#443, `llmcost.*` is ours. No
prompt and no completion is ever recorded.
"""
Row = tuple[str, str]
"""Name and meaning."""

PLACES = {
    "ALLOCATION_PREFIX": "<dimension>",
    "COST_GROUP_PREFIX": "<group>",
    "USAGE_PREFIX": "<bucket>",
}


def page() -> str:
    """The whole page."""
    record: list[Row] = []
    parts: dict[str, list[Row]] = {name: [] for name in ("EVENT", "METRIC", "BUDGET", "OUTCOME")}
    for name, _, text in documented(ast.parse(inspect.getsource(semconv)).body):
        if name == "SCOPE":
            continue
        assert text, f"semconv.{name} has no text below it: what does it mean, in which unit?"
        row = f"`{getattr(semconv, name)}{PLACES.get(name, '')}`", text
        parts.get(name.split("_")[0], record).append(row)
    return "\n".join(
        [
            head("Attributes, metrics and events", "otel_llmcost/semconv.py", INTRODUCTION),
            "## A record\n",
            table(["attribute", "meaning"], record),
            "## Events\n",
            table(["event", "meaning"], parts["EVENT"]),
            "## An outcome\n",
            table(["attribute", "meaning"], parts["OUTCOME"]),
            "An outcome also has the feature, scope and dimensions that it happened in.\n",
            "## A decision of a budget\n",
            table(["attribute", "meaning"], parts["BUDGET"]),
            "## Metrics\n",
            "Never sampled, by provider, operation, model, feature, mode and status.\n",
            table(["metric", "meaning"], parts["METRIC"]),
        ]
    )
