# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""docs/reference/attributes.md, from `otel_llmcost/semconv.py` and the texts below its names."""

from __future__ import annotations

import ast
import inspect

from otel_llmcost import semconv
from otel_llmcost.instrumentation.records import details
from tools.reference.markdown import documented, head, table

INTRODUCTION = """
What leaves an application: one record per billed reply, as a span or as a log event or as both,
with the instrumentation scope `otel_llmcost`. An attribute that does not apply, or whose value is
unknown, is absent; it is never 0 instead. The names `gen_ai.*` are OpenTelemetry's, those of the
cost are the proposal open-telemetry/semantic-conventions-genai#443, `llmcost.*` is ours. No
prompt and no completion is ever recorded.
"""
DETAILS = """
So that a record is small, what other backends seldom read travels as one attribute,
`llmcost.details`: text such as `version=2026-11-29 cost.input=0.00048 mode=batch`.
`LLMCOST_DETAILS=0` sends every attribute on its own instead. `calls` has the same row for both
forms, and for records of earlier versions.
"""
LEFT_OUT = """
What follows from the rest, or is constant, is left out altogether. In a record that has details:

| absent | means |
| --- | --- |
| `gen_ai.usage.cost.currency`, `gen_ai.usage.cost.source` | `USD`, `local` |
| `llmcost.cost.status` | `priced` |
| `llmcost.record.seq` | the last 16 hex digits of an `llmcost.record.id` of 32 |
| `gen_ai.request.stream` | `false` |
| `mode` | `standard` |
| `geo` | 1, where there is an amount and the status is `priced`, `partial` or `estimated` |
| `cost.output` | the amount without the other `cost.…`; any other group: 0 |
| all `usage.…` | as counted: `input` less both caches, `cache_read`, `cache_write_5m`, `output` |
| a count of tokens read from or written to a cache, or of reasoning | 0, or unknown |

The standard token counts and the amount are always there. `calls` has all of it as columns; to
read details of raw spans:

```sql
WITH extractKeyValuePairs(SpanAttributes['llmcost.details'], '=', ' ', '"') AS details
SELECT Timestamp, details['version'] AS price_version, details['mode'] AS mode
FROM llmcost.otel_traces
WHERE ScopeName = 'otel_llmcost'
```

In Python, `otel_llmcost.instrumentation.records.details.expanded(attributes)` gives every attribute
of a record.
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
            "## Details\n" + DETAILS,
            table(["in the details", "attribute"], _details()),
            LEFT_OUT,
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


def _details() -> list[Row]:
    cost, usage = semconv.COST_GROUP_PREFIX, semconv.USAGE_PREFIX
    return [
        *((f"`{name}`", f"`{attribute}`") for name, attribute in details.NAMES.items()),
        (f"`{details.COST}<group>`", f"`{cost}<group>`"),
        (f"`{details.USAGE}<bucket>`", f"`{usage}<bucket>`"),
    ]
