# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""How well detection finds labelled trouble in the traffic of production clients, how fast, and how
often it reports what is none. The real detection runs on chDB, pass after pass, beside rules that
are usually advised. benchmarks/anomalies.md says how it is counted.

CLIENTS is JSON (or .json.gz): {"clients": [{"client": name, "rate_per_s": [one number per 10
minutes of two weeks], "tokens": {start second: [quantiles of input tokens, quantiles of output
tokens]}}]}, 14 quantiles each (.01 .05 .1 .2 .3 .4 .5 .6 .7 .8 .9 .95 .99 .999).
"""

from __future__ import annotations

import argparse
import json
import re
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path

from benchmarks.anomalies import cost, report, traffic
from benchmarks.anomalies.judge import Said, find, is_material, said
from benchmarks.anomalies.passes import NOTHING, Spent, Watched, run
from benchmarks.anomalies.report import OURS, Judged, Quiet
from benchmarks.anomalies.rules import RULES, broken
from benchmarks.anomalies.traffic import OWN, WEEK, Background
from benchmarks.anomalies.trouble import (
    GRACE_HOURS,
    HABITS_QUICK,
    MEANT,
    QUICK,
    TROUBLES,
    Event,
    event,
)  # fmt: skip
from otel_llmcost.store import open_store

RATES = (3, 15, 100)


def backgrounds(clients: Sequence[traffic.Client], options: argparse.Namespace) -> list[Background]:
    """Each client at every rate in true order, and every third one with each habit."""
    own = [
        Background(client=client, rate=rate, habit=OWN, cached=(number + place) % 2 == 0)
        for number, client in enumerate(clients)
        for place, rate in enumerate(RATES)
    ]
    habits = [
        Background(client=client, rate=habit.rate, habit=habit)
        for client in clients[::3]
        for habit in traffic.HABITS
        if not options.quick or habit in HABITS_QUICK
    ]
    return own + habits


def events(quiet: Sequence[Background], options: argparse.Namespace) -> list[Event]:
    """Every trouble in every background it can happen to."""
    return [
        event(one, trouble)
        for trouble in (*TROUBLES, *MEANT)
        for one in quiet
        if re.search(options.only, trouble.name)
        and (not options.quick or (trouble.name in QUICK and one.rate not in (3, 100)))
        and one.habit is trouble.habit
        and one.rate in (trouble.rates or (one.rate,))
        and (one.cached or not trouble.needs_cache)
    ]


class Verdicts:
    """What each detector said, judged the same way."""

    def __init__(self, watched: Watched) -> None:
        self._watched = watched
        self._of_rules: dict[tuple[str, str], Said] = {}

    def quiet(self, one: Background) -> Iterator[Quiet]:
        for detector in (OURS, *RULES):
            false = self._said(detector, one).incidents
            ours = self._watched.incidents.get(one.name, ())
            yield Quiet(
                detector=detector,
                client=one.client.name,
                rate=one.rate,
                habit=one.habit.name,
                false=false,
                digest=len(ours) - len(false) if detector == OURS else 0,
            )

    def event(self, one: Event) -> Iterator[Judged]:
        """Nothing where it is not worth an alert."""
        loss = self._loss(one)
        calls = sum(self._spent(one.name, hour).calls for hour in range(one.onset, one.end))
        usual = sum(self._spent(one.background.name, hour).usd for hour in range(-WEEK, 0))
        if not is_material(
            loss=sum(loss) if one.trouble.is_priced else None,
            hours=len(loss),
            calls=one.trouble.affected * calls,
            usd_per_day=usual / 7,
            single=not one.trouble.affected,
        ):
            return
        place = {"onset": one.onset, "until": min(one.end + GRACE_HOURS, WEEK)}
        causes = one.trouble.causes
        for detector in (OURS, *RULES):
            of_it, twin = self._of_event(detector, one), self._said(detector, one.background)
            found = find(of_it, twin, causes=causes, **place)
            if detector == OURS:
                of_it, twin = (self._ours(n, digest=True) for n in (one.name, one.background.name))
            yield Judged(
                detector=detector,
                client=one.background.client.name,
                rate=one.background.rate,
                trouble=one.trouble.name,
                is_meant=one.trouble.is_meant,
                find=found,
                is_known=find(of_it, twin, causes=causes, **place).hour is not None,
                before_usd=sum(loss[: found.hour]),
            )

    def _loss(self, one: Event) -> list[float]:
        """What the trouble cost beyond the usual in each of its hours, and what bought nothing."""
        usd = [
            (self._spent(one.name, hour).usd, self._spent(one.background.name, hour).usd)
            for hour in range(one.onset, one.end)
        ]
        return [now - usual + one.trouble.wasted * now for now, usual in usd]

    def _said(self, detector: str, one: Background) -> Said:
        if detector == OURS:
            return self._ours(one.name)
        if (detector, one.name) not in self._of_rules:
            seen = self._watched.hours.get(one.name, {})
            self._of_rules[detector, one.name] = broken(detector, seen, range(WEEK))
        return self._of_rules[detector, one.name]

    def _of_event(self, detector: str, one: Event) -> Said:
        if detector == OURS:
            return self._ours(one.name)
        usual, own = (self._watched.hours.get(n, {}) for n in (one.background.name, one.name))
        seen = {h: spent for h, spent in usual.items() if not one.onset <= h < one.end} | dict(own)
        return broken(detector, seen, range(one.onset, min(one.end + GRACE_HOURS, WEEK)))

    def _ours(self, feature: str, *, digest: bool = False) -> Said:
        sightings = self._watched.sightings.get(feature, ())
        return said(sightings, self._watched.incidents.get(feature, ()), digest=digest)

    def _spent(self, feature: str, hour: int) -> Spent:
        return self._watched.hours.get(feature, {}).get(hour, NOTHING)


def parser() -> argparse.ArgumentParser:
    """The options."""
    known = argparse.ArgumentParser(
        "python -m benchmarks.anomalies",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    known.add_argument("--clients", type=Path, required=True)
    known.add_argument("--half", choices=("report", "choose", "all"), default="report",
                       help="of the clients; thresholds are chosen on `choose`")  # fmt: skip
    known.add_argument("--quick", action="store_true",
                       help="a few minutes: fewer troubles and habits, at one rate")  # fmt: skip
    known.add_argument("--only", default="", help="troubles whose name matches this expression")
    known.add_argument("--list", action="store_true",
                       help="each false incident with its evidence, each missed event")  # fmt: skip
    known.add_argument("--cost", action="store_true",
                       help="only what a pass costs at 50 million calls")  # fmt: skip
    known.add_argument("--out", type=Path, help="where to write what was judged, as JSON")
    return known


def main(arguments: list[str] | None = None) -> int:
    options = parser().parse_args(arguments)
    clients = traffic.clients(options.clients, options.half)
    if options.cost:
        first, next_one = cost.seconds(clients)
        print(f"CPU seconds: first pass of an hour {first:.1f}, the next {next_one:.1f}")
        return 0
    quiet = backgrounds(clients, options)
    wrong = events(quiet, options)
    with tempfile.TemporaryDirectory() as path, open_store(f"chdb://{path}/store") as store:
        store.apply_schema()
        watched = run(store, clients, quiet, wrong)
    verdicts = Verdicts(watched)
    calm = [judged for one in quiet for judged in verdicts.quiet(one)]
    found = [judged for one in wrong for judged in verdicts.event(one)]
    for line in report.tables(calm, found):
        print(line)
    if options.list:
        for line in (*report.false_ones(calm), "", *report.missed_ones(found)):
            print(line)
    if options.out:
        judged = {"quiet": [asdict(one) for one in calm], "events": [asdict(one) for one in found]}
        options.out.write_text(json.dumps(judged, indent=1) + "\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
