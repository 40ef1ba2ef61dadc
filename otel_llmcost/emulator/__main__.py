# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""`python -m otel_llmcost.emulator`: run the emulated providers until Ctrl-C."""

from __future__ import annotations

import argparse
import signal
import threading

from otel_llmcost.emulator.server import Emulator


def main() -> None:
    """Start, print the environment that points an app here, and wait."""
    parser = argparse.ArgumentParser(prog="python -m otel_llmcost.emulator")
    parser.add_argument("--port", type=int, default=0, help="port of the Anthropic side")
    parser.add_argument("--openai-port", type=int, default=0, help="port of the OpenAI side")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--salt", help="fix the ids too")
    parser.add_argument("--latency", type=float, default=0.0, help="seconds to the first token")
    options = vars(parser.parse_args())
    finished = threading.Event()

    def finish(*_: object) -> None:
        finished.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, finish)
    with Emulator(**options) as emulator:
        for name, value in emulator.environment().items():
            print(f"export {name}={value}")
        print(f"# ledger: {emulator.anthropic_url}/ledger", flush=True)
        finished.wait()


if __name__ == "__main__":
    main()
