# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""`python -m otel_llmcost.serve --store DIR`: the daemon without the command line's extra."""

from __future__ import annotations

import argparse
import os
import signal
import sys
from pathlib import Path

from otel_llmcost.errors import LLMCostError
from otel_llmcost.serve import Daemon, ServeConfig
from otel_llmcost.serve.config import given_token
from otel_llmcost.timezones import VARIABLE, timezone


def main() -> int:
    """Run until SIGINT or SIGTERM; exit code 1 with one line when it cannot start."""
    parser = argparse.ArgumentParser(prog="python -m otel_llmcost.serve")
    parser.add_argument("--store", type=Path, required=True)
    parser.add_argument("--host", default=ServeConfig.__dataclass_fields__["host"].default)
    parser.add_argument("--token", default=os.environ.get("LLMCOST_TOKEN"))
    parser.add_argument("--token-file", type=Path, default=os.environ.get("LLMCOST_TOKEN_FILE"))
    for name in ("otlp_grpc_port", "otlp_http_port", "clickhouse_port", "web_port"):
        default = ServeConfig.__dataclass_fields__[name].default
        parser.add_argument(f"--{name.replace('_', '-')}", type=int, default=default)
    # argparse reads a default that is text as if it had been given.
    default = os.environ.get(VARIABLE) or "UTC"
    parser.add_argument("--timezone", type=timezone, default=default)
    try:
        given = vars(parser.parse_args())
        given["token"] = given_token(given["token"], given.pop("token_file"))
        daemon = Daemon(ServeConfig(landlock=True, **given))
        daemon.stop_on(signal.SIGTERM)
        daemon.start()
    except LLMCostError as error:
        sys.stderr.write(f"otel-llmcost: {error}\n")
        return 1
    daemon.wait()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
