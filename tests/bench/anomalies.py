# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""How well detection finds labelled trouble in the traffic of production clients.

The real queries run on chDB, a pass at the end of every hour. CLIENTS is JSON (or .json.gz), as
made from ServeGen: {"clients": [{"client": name, "rate_per_s": [one per 10 minutes, two weeks],
"tokens": {start second: [quantiles of input tokens, of output tokens]}}]}, 14 quantiles each (.01
.05 .1 .2 .3 .4 .5 .6 .7 .8 .9 .95 .99 .999). INJECTIONS is JSON: [{"kind": a detector or "none",
"factor": number, "hours": whole number}], one feature each. `factor` is how many times the tokens
(prompt_bloat, output_blowup, monster_call), the price (model_swap) or the calls (volume_surge); the
growth in a day (slow_creep); the calls of one trace (loop); else the share of calls. Each feature
usually spends USD_PER_DAY. Found is an alert of any kind while trouble lasts or two hours after,
named one of its own kind. Alerts in features without trouble, and before it, are false. Of the
clients, sorted by name, every other one is for choosing thresholds, the others are reported on.
"""

from __future__ import annotations

import argparse
import json
import random
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from statistics import median
from typing import Any

from rich.console import Console
from rich.table import Table

from otel_llmcost.analysis.detection import detect
from otel_llmcost.store import Store, open_store
from tests.bench import anomalies_traffic as traffic
from tests.bench.anomalies_rules import RULES, alerts
from tests.bench.anomalies_traffic import BASE_HOURS, START, Feature
from tests.detection.traffic import fill

OURS = "otel-llmcost"
GRACE_HOURS = 2


@dataclass(frozen=True, slots=True)
class Alert:
    """When somebody was told what; `kind` is '' where a rule knows none."""

    hour: int
    kind: str


def features(options: argparse.Namespace, seed: int) -> list[Feature]:
    """Some clients, each at every rate with every injection."""
    rng = random.Random(seed)
    known = traffic.clients(options.clients, options.half)
    chosen = rng.sample(known, min(options.per_seed, len(known)))
    return [
        Feature(
            name=f"f{seed}.{n}.{m}.{rate:g}",
            client=client,
            rate=rate,
            injection=injection,
            onset=BASE_HOURS + rng.randrange(6, max(7, options.hours - 8)),
            seed=rng.randrange(10_000),
        )
        for n, client in enumerate(chosen)
        for m, injection in enumerate(traffic.injections(options.injections))
        for rate in options.rates
    ]


def watched(
    store: Store, some: list[Feature], options: argparse.Namespace
) -> dict[str, list[Alert]]:
    """Alerts by feature, of a pass at the end of every hour after the first week."""
    usual = options.usd_per_day / 24
    fill(store, (c for f in some for hour in range(BASE_HOURS) for c in f.hour(hour, usual)))
    seen: set[str] = set()
    told: dict[str, list[Alert]] = defaultdict(list)
    for hour in range(BASE_HOURS, BASE_HOURS + options.hours):
        fill(store, [c for f in some for c in f.hour(hour, usual)])
        for anomaly in detect(store, START + timedelta(hours=hour, minutes=59)):
            if anomaly.anomaly_id not in seen:
                seen.add(anomaly.anomaly_id)
                told[anomaly.feature].append(Alert(hour, anomaly.kind))
    return told


def judged(feature: Feature, found: Iterable[Alert], hours: int) -> dict[str, Any]:
    """What was told of one feature, held against what was put into it."""
    trouble, onset = feature.injection, feature.onset
    quiet = trouble.kind == "none"
    end = onset + trouble.hours + GRACE_HOURS
    hits = [] if quiet else [a for a in found if onset <= a.hour < end]
    false = [a for a in found if quiet or a.hour < onset]
    first = min((a.hour for a in hits), default=None)
    last = end if first is None else first
    return {
        "label": trouble.label,
        "rate": feature.rate,
        "client": feature.client["client"],
        "found": bool(hits),
        "named": any(a.kind == trouble.kind for a in hits),
        "hours_to_detect": None if first is None else first - onset + 1,
        "excess_before_usd": sum(usd for hour, usd in feature.excess.items() if hour <= last),
        "false_alerts": [a.kind for a in false],
        "hours_without_trouble": hours if quiet else onset - BASE_HOURS,
    }


def run(options: argparse.Namespace) -> dict[str, list[dict[str, Any]]]:
    """One judgement per feature, by detector."""
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    span = range(BASE_HOURS, BASE_HOURS + options.hours)
    for seed in range(options.first_seed, options.first_seed + options.seeds):
        some = features(options, seed)
        with tempfile.TemporaryDirectory() as path, open_store(f"chdb://{path}/store") as store:
            store.apply_schema()
            told = watched(store, some, options)
        for feature in some:
            found[OURS].append(judged(feature, told.get(feature.name, []), options.hours))
            for name, rule in RULES.items():
                some_alerts = [Alert(hour, "") for hour in alerts(rule, feature, span)]
                found[name].append(judged(feature, some_alerts, options.hours))
    return found


def table(found: dict[str, list[dict[str, Any]]]) -> Table:
    """Share found (and named), by injection and rate; false alerts; hours and dollars."""
    result = Table(title="anomalies: share of events found")
    for name in ("injection", "calls/h", "events", "named", *found):
        result.add_column(name, justify="right")
    groups = sorted({(r["label"], r["rate"]) for r in found[OURS] if r["label"] != "none"})
    for label, rate in groups:
        cells = {n: [r for r in rows if (r["label"], r["rate"]) == (label, rate)]
                 for n, rows in found.items()}  # fmt: skip
        shares = [_share(rows, "found") for rows in cells.values()]
        ours = cells[OURS]
        result.add_row(label, f"{rate:g}", str(len(ours)), _share(ours, "named"), *shares)
    lines: dict[str, Callable[[list[dict[str, Any]]], str]] = {
        "false alerts per feature-week": _false,
        "median hours to detect": lambda r: _middle(r, "hours_to_detect"),
        "median USD before the alert": lambda r: _middle(r, "excess_before_usd"),
    }
    for name, told in lines.items():
        result.add_row(name, "", "", "", *(told(rows) for rows in found.values()))
    return result


def _share(rows: list[dict[str, Any]], name: str) -> str:
    return f"{sum(row[name] for row in rows) / len(rows):.2f}"


def _false(rows: list[dict[str, Any]]) -> str:
    weeks = sum(row["hours_without_trouble"] for row in rows) / 168
    return f"{sum(len(row['false_alerts']) for row in rows) / weeks:.2f}"


def _middle(rows: list[dict[str, Any]], name: str) -> str:
    values = [row[name] for row in rows if row["label"] != "none" and row[name] is not None]
    return f"{median(values):.2f}" if values else "-"


def parser() -> argparse.ArgumentParser:
    """The options."""
    known = argparse.ArgumentParser(
        "python -m tests.bench.anomalies",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    known.add_argument("--clients", type=Path, required=True)
    known.add_argument("--injections", type=Path, help="default: one or more of each kind")
    known.add_argument("--out", type=Path, help="every judgement as JSON")
    known.add_argument("--half", choices=("report", "choose", "all"), default="report")
    known.add_argument("--rates", type=float, nargs="+", default=[3, 15], metavar="CALLS_PER_HOUR")
    known.add_argument("--seeds", type=int, default=1)
    known.add_argument("--first-seed", type=int, default=0)
    known.add_argument("--per-seed", type=int, default=1, help="clients in one store")
    known.add_argument("--hours", type=int, default=24, help="watched after a week of past")
    known.add_argument("--usd-per-day", type=float, default=24)
    return known


def main(arguments: list[str] | None = None) -> int:
    options = parser().parse_args(arguments)
    found = run(options)
    Console(width=160).print(table(found))
    if options.out:
        options.out.write_text(json.dumps(found, indent=1) + "\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
