# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""How well detection finds labelled trouble in the traffic of production clients.

The real queries run on chDB, pass after pass, beside rules that are usually advised.

CLIENTS is JSON (or .json.gz): {"clients": [{"client": name, "rate_per_s": [one number per 10
minutes, any whole number of hours], "tokens": {start second: [quantiles of input tokens, quantiles
of output tokens]}}]}, 14 quantiles each (.01 .05 .1 .2 .3 .4 .5 .6 .7 .8 .9 .95 .99 .999), windows
of six hours in order.

INJECTIONS is JSON: [{"kind": a detector, "factor": number, "hours": whole number}, ...]. `factor`
is how many times the input tokens (prompt_growth, call_outlier: one call), the output tokens
(output_growth), the price (model_swap) or the calls (volume_surge); the growth in a day
(gradual_drift); the calls of one trace (loop); else the share of calls (cache_collapse,
duplicate_requests, retry_storm, truncation_surge, unpriced_model).

OUT is JSON: "table" has what is printed, one object per injection and rate (95 % intervals of ours
as [low, high]), "totals" false alerts and delays, "events" each injection and "quiet" each
background with what every detector said. benchmarks/anomalies.md says how it is counted.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import tempfile
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from rich.console import Console

from benchmarks import anomalies_report as report
from benchmarks import anomalies_traffic as traffic
from benchmarks.anomalies_rules import RULES, begins
from benchmarks.anomalies_traffic import BASE_HOURS, START, Background, Feature
from benchmarks.anomalies_trouble import CACHED, injections
from otel_llmcost import schema
from otel_llmcost.detection.detect import detect
from otel_llmcost.store import Store, open_store
from tests.detection.traffic import fill

GRACE_HOURS = 2
# An hour's rows of what had no trouble in it are those of its background.
_COPY = """
INSERT INTO llmcost.feature_hours
SELECT h.* REPLACE (copied.2 AS feature)
FROM
(
    SELECT * FROM llmcost.feature_hours FINAL
    WHERE hour >= {since:DateTime('UTC')} AND hour < {until:DateTime('UTC')}
) AS h
ARRAY JOIN arrayFilter(
    pair -> pair.1 = h.feature, arrayZip({from:Array(String)}, {to:Array(String)})) AS copied
"""


@dataclass(slots=True)
class Reported:
    """What detection said of one feature: kinds by hour, and where an anomaly began."""

    kinds: dict[int, set[str]] = field(default_factory=lambda: defaultdict(set))
    begun: list[tuple[int, str]] = field(default_factory=list[tuple[int, str]])


def backgrounds(options: argparse.Namespace, seed: int) -> list[Background]:
    """Some clients, each at every rate; every other one reads most of its prompts from a cache."""
    rng = random.Random(seed)
    known = traffic.clients(options.clients, options.half)
    chosen = rng.sample(known, min(options.per_seed, len(known)))
    return [
        Background(
            name=f"{seed}.{client['client']}.{rate:g}",
            client=client,
            rate=rate,
            usd_per_hour=options.usd_per_day / 24,
            cached=(seed + number) % 2 == 0,
            seed=seed,
        )
        for number, client in enumerate(chosen)
        for rate in options.rates
    ]


def features(options: argparse.Namespace, background: Background) -> list[Feature]:
    """Each injection into a background, from some hour of the busier half of a day on."""
    rng = random.Random(background.name)
    found: list[Feature] = []
    for number, trouble in enumerate(options.troubles):
        latest = max(2, min(24, options.hours - trouble.hours - GRACE_HOURS))
        day = sorted(range(BASE_HOURS, BASE_HOURS + latest), key=background.busy)
        onset = rng.choice(day[latest // 2 :])
        if trouble.kind == CACHED and not background.cached:
            continue
        found.append(
            Feature(
                name=f"{background.name}.{number}.{trouble.label}",
                seed=background.seed,
                background=background,
                injection=trouble,
                onset=onset,
            )
        )
    return found


class Bench:
    """One store with every background, and each feature for as long as it is in trouble."""

    def __init__(self, store: Store, quiet: list[Feature], troubled: list[Feature]) -> None:
        self.store = store
        self.quiet = quiet
        self.troubled = troubled
        self.reported: dict[str, Reported] = defaultdict(Reported)
        self._known: set[str] = set()

    def run(self, hours: int, every: int) -> None:
        """The week before, then a pass every so many minutes."""
        for day in range(BASE_HOURS // 24):
            span = range(day * 24, day * 24 + 24)
            fill(
                self.store,
                (made for f in self.quiet for h in span for made in f.background.calls(h)),
            )
            self._rebuild(span)
        for hour in range(BASE_HOURS, BASE_HOURS + hours):
            _progress(hour - BASE_HOURS, hours)
            self._hour(hour, every)

    def _hour(self, hour: int, every: int) -> None:
        on = [f for f in self.troubled if f.onset <= hour < f.end]
        self._copy([f for f in self.troubled if f.onset == hour], _at(0), _at(hour))
        self._drop([f for f in self.troubled if f.end + GRACE_HOURS == hour])
        over = [f for f in self.troubled if f.end <= hour < f.end + GRACE_HOURS]
        made = [call for f in self.quiet for call in f.background.calls(hour)]
        made += [call for f in on for call in f.calls(hour)]
        since = _at(hour)
        for minute in range(every, 61, every):
            now = _at(hour) + timedelta(minutes=minute, seconds=-1)
            fill(self.store, [call for call in made if since <= call["ts"] < now])
            since = now
            self._rebuild(range(hour, hour + 1))
            self._copy(over, _at(hour), _at(hour + 1))
            self._look(hour, now)

    def _look(self, hour: int, now: datetime) -> None:
        for anomaly in detect(self.store, now):
            reported = self.reported[anomaly.feature]
            reported.kinds[hour].add(anomaly.kind)
            if anomaly.anomaly_id not in self._known:
                self._known.add(anomaly.anomaly_id)
                reported.begun.append((hour, anomaly.kind))

    def _rebuild(self, hours: range) -> None:
        written = [f"{_at(hour):%F %T}" for hour in hours]
        day = f"{_at(hours[0]):%F}"
        self.store.command(schema.query("detect_hours"), {"day": day, "hours": written})

    def _copy(self, some: list[Feature], since: datetime, until: datetime) -> None:
        if some:
            place = {"since": f"{since:%F %T}", "until": f"{until:%F %T}"}
            names = {"from": [f.background.name for f in some], "to": [f.name for f in some]}
            self.store.command(_COPY, {**place, **names})

    def _drop(self, some: list[Feature]) -> None:
        if some:
            self.store.command(
                "DELETE FROM llmcost.feature_hours WHERE feature IN {names:Array(String)}",
                {"names": [f.name for f in some]},
            )


def event(feature: Feature, reported: Reported, twin: Reported) -> dict[str, Any]:
    """What was said of one trouble, by detector; what its quiet twin raises too is no find."""
    span = range(feature.onset, feature.end + GRACE_HOURS)
    new = {hour: reported.kinds[hour] - twin.kinds[hour] for hour in span if hour in reported.kinds}
    said = {report.OURS: [hour for hour in span if new.get(hour)]}
    named = [hour for hour, kinds in new.items() if feature.injection.kind in kinds]
    still = Feature(name="", seed=0, background=feature.background)
    for name, rule in RULES.items():
        said[name] = [h for h in span if rule(feature, h) and not rule(still, h)]
    return {
        "label": feature.injection.label,
        "rate": feature.background.rate,
        "seed": feature.seed,
        "client": feature.background.client["client"],
        "named": bool(named),
        "kinds": sorted({kind for kinds in new.values() for kind in kinds}),
        "hours_to_detect": {n: at[0] - feature.onset + 1 if at else None for n, at in said.items()},
        "excess_before_usd": {
            n: feature.excess(at[0] if at else feature.end) for n, at in said.items()
        },
    }


def quiet(feature: Feature, reported: Reported, hours: int) -> dict[str, Any]:
    """What was said of a background: all of it is false."""
    span = range(BASE_HOURS, BASE_HOURS + hours)
    broken = {name: [h for h in span if rule(feature, h)] for name, rule in RULES.items()}
    return {
        "rate": feature.background.rate,
        "seed": feature.seed,
        "client": feature.background.client["client"],
        "hours": hours,
        "kinds": [kind for _, kind in reported.begun],
        "alerts": {report.OURS: len(reported.begun)}
        | {name: len(begins(hours)) for name, hours in broken.items()},
    }


def run(options: argparse.Namespace) -> dict[str, list[dict[str, Any]]]:
    """Every event and every quiet background, judged."""
    seeds = range(options.first_seed, options.first_seed + options.seeds)
    every = [made for seed in seeds for made in backgrounds(options, seed)]
    still = [Feature(name=made.name, seed=made.seed, background=made) for made in every]
    troubled = [feature for made in every for feature in features(options, made)]
    with tempfile.TemporaryDirectory() as path, open_store(f"chdb://{path}/store") as store:
        store.apply_schema()
        bench = Bench(store, still, troubled)
        bench.run(options.hours, options.every)
    reported = bench.reported
    return {
        "events": [event(f, reported[f.name], reported[f.background.name]) for f in troubled],
        "quiet": [quiet(f, reported[f.name], options.hours) for f in still],
    }


def parser() -> argparse.ArgumentParser:
    """The options."""
    known = argparse.ArgumentParser(
        "python -m benchmarks.anomalies",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    known.add_argument("--clients", type=Path, required=True)
    known.add_argument("--injections", type=Path, help="default: one or more of each kind")
    known.add_argument("--out", type=Path, help="where to write JSON")
    known.add_argument("--half", choices=("report", "choose", "all"), default="report",
                       help="of the clients; thresholds are chosen on `choose`")  # fmt: skip
    known.add_argument(
        "--rates", type=float, nargs="+", default=[3, 15, 100], metavar="CALLS_PER_HOUR"
    )
    known.add_argument("--seeds", type=int, default=20)
    known.add_argument("--first-seed", type=int, default=0)
    known.add_argument("--per-seed", type=int, default=1, help="clients of a seed")
    known.add_argument("--hours", type=int, default=36, help="watched after a week of past")
    known.add_argument("--every", type=int, default=60, help="minutes between passes")
    known.add_argument("--usd-per-day", type=float, default=24, help="that a feature spends")
    return known


def main(arguments: list[str] | None = None) -> int:
    options = parser().parse_args(arguments)
    options.troubles = injections(options.injections)
    longest = max((one.hours for one in options.troubles), default=0)
    options.hours = max(options.hours, longest + GRACE_HOURS + 2)
    found = run(options)
    console = Console(width=150)
    summary = report.summary(found)
    console.print(report.table(summary))
    console.print(report.totals(summary))
    if options.out:
        options.out.write_text(json.dumps({**summary, **found}, indent=1) + "\n")
    return 0


def _at(hour: int) -> datetime:
    return START + timedelta(hours=hour)


def _progress(done: int, of: int) -> None:
    if sys.stderr.isatty():
        print(f"\rhour {done} of {of}", end="", file=sys.stderr, flush=True)


if __name__ == "__main__":
    raise SystemExit(main())
