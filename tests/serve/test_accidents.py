# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""What happens to a running daemon's store from outside, and that it goes on afterwards."""

from __future__ import annotations

from pathlib import Path

from tests.ingest.bodies import records
from tests.serve.running import Running, get


def health(daemon: Running) -> tuple[int, str]:
    reply = get(f"{daemon.facts['otlp_http']}/healthz")
    return reply.status, reply.body.decode()


def test_a_store_that_was_moved_away_for_a_moment_takes_records_again(tmp_path: Path) -> None:
    daemon = Running.start(tmp_path / "store")
    try:
        assert daemon.otlp("traces", records(2)).status == 200
        away = daemon.store.rename(tmp_path / "away")
        for number in range(2, 5):
            assert daemon.otlp("traces", records(1, first=number)).status == 503
        status, said = health(daemon)
        assert status == 503
        assert "cannot be reached (No such file or directory): move it back" in said
        away.rename(daemon.store)
        for number in range(2, 5):
            assert daemon.otlp("traces", records(1, first=number)).status == 200
        assert daemon.rows("SELECT count() FROM calls") == [[5]]
    finally:
        assert daemon.stop() == 0
