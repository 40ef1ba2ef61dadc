# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""The daemon as a process that is killed and started again on the same ports and store."""

from __future__ import annotations

import atexit
import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from tests.collector.running import free_ports
from tests.support.daemon_process import PORTS, Served


class Database:
    """One store, and the process that serves it when it does."""

    def __init__(self, store: Path) -> None:
        self.store = store
        self.ports = dict(zip(PORTS, free_ports(len(PORTS)), strict=True))
        self.log = store.with_suffix(".log")
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def otlp(self) -> int:
        """Its OTLP/HTTP port."""
        return self.ports["otlp-http"]

    def start(self) -> Served:
        """Returns when it answers."""
        with self.log.open("ab") as output:
            self.process = process = subprocess.Popen(
                self.command(), stdout=output, stderr=subprocess.STDOUT
            )
        atexit.register(process.kill)
        deadline = time.monotonic() + 60
        while self._noted() != process.pid:
            if process.poll() is not None or time.monotonic() > deadline:
                raise AssertionError(f"the daemon did not start:\n{self.log.read_text()[-4000:]}")
            time.sleep(0.02)
        return Served(self.store)

    def command(self) -> list[str]:
        """How it is started."""
        ports = [
            text for name, port in self.ports.items() for text in (f"--{name}-port", str(port))
        ]
        return [sys.executable, "-m", "otel_llmcost.serve", "--store", str(self.store), *ports]

    def kill(self) -> None:
        """As a crash: nothing is written any more."""
        assert self.process is not None
        self.process.kill()
        self.process.wait(30)

    def stop(self) -> int:
        """SIGTERM; its exit code."""
        assert self.process is not None
        self.process.terminate()
        return self.process.wait(60)

    def _noted(self) -> int:
        try:
            facts: dict[str, Any] = json.loads((self.store / "daemon.json").read_text())
        except (OSError, ValueError):
            return 0
        return int(facts["pid"])
