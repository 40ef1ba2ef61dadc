# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""What every panel of a page must equal: expressions over `calls`, by the panel's own keys.

A page joins by adding its panels to `PANELS`; a panel that cannot be in it is in `OTHERWISE` with
the reason, or the test that holds it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

COST, CALLS = "sum(cost_usd)", "count()"
READ, IN, OUT = "sum(cache_read_tokens)", "sum(input_tokens)", "sum(output_tokens)"
ERRORS, UNPRICED = "countIf(error_type != '')", "countIf(cost_usd IS NULL)"
MEASURES = {
    "cost_usd": COST,
    "calls": CALLS,
    "input_tokens": IN,
    "uncached_input_tokens": "sum(uncached_input_tokens)",
    "cache_read_tokens": READ,
    "cache_write_tokens": "sum(cache_write_tokens)",
    "output_tokens": OUT,
    "reasoning_tokens": "sum(reasoning_tokens)",
    "cost_per_call": "toFloat64(sum(cost_usd)) / countIf(cost_usd IS NOT NULL)",
    "cache_hit_rate": "sum(cache_read_tokens) / sum(input_tokens)",
    "latency_p50_ms": "quantileExact(0.5)(duration_ms)",
    "latency_p95_ms": "quantileExactInclusive(0.95)(duration_ms)",
    "errors": ERRORS,
    "retries": "sum(resend_count)",
    "tagged_share": "avg(feature_source = 'tag')",
    "unpriced_calls": UNPRICED,
}
SHOWN = {
    "calls": CALLS,
    "input_tokens": IN,
    "cache_read_tokens": READ,
    "output_tokens": OUT,
    "errors": ERRORS,
    "unpriced_calls": UNPRICED,
    "cost_usd": COST,
}
EMITTED = ("calls", "unpriced_calls", "errors", "cost_usd")
DAY = "toString(toDate(ts))"


PAIR = "concat(feature, ' · ', model)"


class Panel(NamedTuple):
    """A panel as CSV: a table with key columns, or a chart with a column per name.

    Of a chart, the keys are the day and what its columns are named after, "" for one column.
    """

    path: str
    name: str
    keys: tuple[str, ...]
    values: Mapping[str, str]
    is_chart: bool = False


def explored(measure: str, expression: str) -> list[Panel]:
    """Every form of one measure on Explore."""
    path = f"/explore?measure={measure}"
    value = {measure: expression}
    pair = ("feature", "model")
    return [
        Panel(f"{path}&by=model&as=line", "chart-0", (DAY, "model"), value, True),
        Panel(f"{path}&by=user", "0", ("user_id",), {**SHOWN, **value}),
        Panel(f"{path}&by=feature&and=model", "0", pair, {**SHOWN, **value}),
        Panel(f"{path}&by=feature&and=model&as=heat", "heat", pair, value),
    ]


PANELS = [
    Panel("/?by=feature", "chart-0", (DAY, "feature"), {"": COST}, True),
    Panel("/?by=model", "0", ("model",), SHOWN),
    Panel("/?by=user", "chart-0", (DAY, "user_id"), {"": COST}, True),
    Panel("/?by=feature", "2", ("record_id",), {"cost_usd": COST, "output_tokens": OUT}),
    Panel("/cache", "chart-0", (DAY, ""), {"": MEASURES["cache_hit_rate"]}, True),
    Panel("/explore?as=heat&by=model", "heat", ("model", DAY), {"cost_usd": COST}),
    Panel("/explore?and=model&by=feature", "chart-0", (DAY, PAIR), {"": COST}, True),
    Panel("/explore?by=(total)", "chart-0", (DAY, ""), {"": COST}, True),
    Panel("/explore?by=(total)&as=line&measure=errors", "chart-0", (DAY, ""), {"": ERRORS}, True),
    Panel("/explore?by=(total)&as=heat", "heat", ("'total'", DAY), {"cost_usd": COST}),
    Panel("/pipeline", "chart-0", (DAY, "source"), {"": CALLS}, True),
    Panel("/pipeline", "0", ("source",), {name: SHOWN[name] for name in EMITTED}),
    *(panel for measure in MEASURES.items() for panel in explored(*measure)),
]  # fmt: skip
OTHERWISE = {
    ("/", "1"): "incidents: tests/detection",
    ("/explore", "1"): "the most expensive calls: the same panel as on the overview",
    ("/why", "waterfall"): "test_what_changed_adds_up_to_the_change",
    ("/why", "0"): "tests/attribution and tests/schema hold change_between",
    ("/cache", "0"): "tests/reports",
    ("/pipeline", "1"): "reasons without a price: tests/web/test_pipeline.py",
    ("/pipeline", "2"): "trust: tests/reports",
    ("/pipeline", "3"): "refusals, no calls: tests/web/test_pipeline.py",
    ("/pipeline", "4"): "duplicates, no calls: tests/web/test_pipeline.py",
    ("/pipeline", "5"): "rollups, no calls: tests/web/test_pipeline.py",
    ("/pipeline", "6"): "price books, no calls: tests/web/test_pipeline.py",
}
"""Panels of the pages of this registry that are held elsewhere."""
PAGES = ("/", "/explore", "/explore?by=feature&and=model&as=heat", "/cache", "/why", "/pipeline")
"""Pages of which every panel is in one of the two."""
