# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""The benchmark of detection reads its two files, and distinguishes found, missed and false."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.anomalies_report import OURS
from benchmarks.anomalies_rules import begins

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
STEADY = {
    "client": "steady",
    "rate_per_s": [1.0] * 2016,
    "tokens": {"0": [[1000 + n for n in range(14)], [100 + n for n in range(14)]]},
}


def test_a_token_spike_of_a_steady_client_is_found_in_an_hour_and_the_quiet_one_is_not(
    tmp_path: Path,
) -> None:
    clients, injections, out = (tmp_path / name for name in ("clients", "injections", "out"))
    clients.write_text(json.dumps({"clients": [STEADY]}))
    injections.write_text(json.dumps([{"kind": "prompt_growth", "factor": 5, "hours": 3}]))
    files = ["--clients", str(clients), "--injections", str(injections), "--out", str(out)]
    options = [*files, "--half", "all", "--rates", "15", "--hours", "8", "--seeds", "2"]
    # In a process of its own: one process can have one embedded store.
    command = [sys.executable, "-m", "benchmarks.anomalies", *options]
    subprocess.run(command, check=True, cwd=ROOT, stdout=subprocess.DEVNULL)
    reported = json.loads(out.read_text())
    assert [event["named"] for event in reported["events"]] == [True, True]
    assert [event["hours_to_detect"][OURS] for event in reported["events"]] == [1, 1]
    assert all(event["excess_before_usd"][OURS] > 1 for event in reported["events"])
    assert [quiet["alerts"][OURS] for quiet in reported["quiet"]] == [0, 0]
    (line,) = reported["table"]
    assert (line["recall"][OURS], line["interval"]) == (1, [1, 1])


def test_an_alert_that_comes_back_within_six_hours_is_the_same() -> None:
    assert begins([1, 2, 8, 15]) == [1, 15]
