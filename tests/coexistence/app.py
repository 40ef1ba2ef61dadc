# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""`python -m tests.coexistence.app SCENARIO [EMITTER …]`: one application, one interpreter.

SCENARIO is `module.function` below `scenarios`; emitters are turned on in the given order before
the scenario's module is imported.
"""

from __future__ import annotations

import importlib
import sys

from tests.coexistence import emitters


def main(scenario: str, *names: str) -> None:
    """Set telemetry up, turn the emitters on, run, and send what waits."""
    flush = emitters.set_up(logfire="logfire" in names)
    for name in names:
        emitters.TURN_ON[name]()
    module, _, function = scenario.partition(".")
    run = getattr(importlib.import_module(f"tests.coexistence.scenarios.{module}"), function)
    run()
    flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
