# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""`python -m otel_llmcost.serve --store DIR`: the daemon without the command line's extra."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from otel_llmcost.errors import LLMCostError
from otel_llmcost.serve import Daemon, ServeConfig


def main() -> int:
    """Run until SIGINT or SIGTERM; exit code 1 with one line when it cannot start."""
    parser = argparse.ArgumentParser(prog="python -m otel_llmcost.serve")
    parser.add_argument("--store", type=Path, required=True)
    parser.add_argument("--host", default=ServeConfig.__dataclass_fields__["host"].default)
    parser.add_argument("--token")
    for name in ("otlp_grpc_port", "otlp_http_port", "clickhouse_port", "web_port"):
        default = ServeConfig.__dataclass_fields__[name].default
        parser.add_argument(f"--{name.replace('_', '-')}", type=int, default=default)
    try:
        daemon = Daemon(ServeConfig(**vars(parser.parse_args())))
        daemon.start()
    except LLMCostError as error:
        sys.stderr.write(f"otel-llmcost: {error}\n")
        return 1
    daemon.wait()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
