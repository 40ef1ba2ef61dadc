# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""`make chaos`: accidents under load, one line each; fails when one record is lost or doubled."""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import traceback
from pathlib import Path

from tests.collector.running import BINARY
from tools.chaos.scenarios import SCENARIOS, NotHere
from tools.chaos.verdict import Verdict

_BEHIND_A_COLLECTOR = {"collector", "both", "away"}
_HEADER = (
    "| accident | times | records acknowledged | lost | doubled | dollars | senders met |\n"
    "|---|---:|---:|---:|---:|---|---|"
)


def main() -> int:
    """The table on stdout; exit code 1 when a line does not hold."""
    parser = argparse.ArgumentParser(prog="python -m tools.chaos", description=__doc__)
    parser.add_argument("scenarios", nargs="*", help=", ".join(SCENARIOS))
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    chosen = parser.parse_args()
    unknown = set(chosen.scenarios) - SCENARIOS.keys()
    if unknown:
        parser.error(f"no such scenario: {', '.join(unknown)}")
    print(f"seed {chosen.seed}, {chosen.rounds} rounds", file=sys.stderr)
    random.seed(chosen.seed)
    print(_HEADER, flush=True)
    held = [_run(name, chosen.rounds) for name in chosen.scenarios or SCENARIOS]
    return 0 if all(held) else 1


def _run(name: str, rounds: int) -> bool:
    if name in _BEHIND_A_COLLECTOR and not BINARY.exists():
        print(f"| {name} | - | - | - | - | - | not run: needs `make collector` |", flush=True)
        return False
    with tempfile.TemporaryDirectory(prefix="llmcost-chaos-", ignore_cleanup_errors=True) as folder:
        try:
            verdict = SCENARIOS[name](Path(folder), rounds)
        except NotHere as why:
            print(f"| {name} | - | - | - | - | - | not run: {why} |", flush=True)
            return True
        except Exception:  # noqa: BLE001 - one scenario failed; the others still run
            traceback.print_exc()
            print(f"| {name} | - | - | - | - | FAILED | - |", flush=True)
            return False
    print(_line(verdict), flush=True)
    return verdict.holds


def _line(verdict: Verdict) -> str:
    dollars = "equal" if verdict.sums_equal else "DIFFER"
    return (
        f"| {verdict.accident} | {verdict.times} | {verdict.acknowledged:,} | {verdict.lost} "
        f"| {verdict.doubled} | {dollars} | {verdict.seen} |"
    )


if __name__ == "__main__":
    sys.exit(main())
