# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""`otel-llmcost serve`: OTLP in, ClickHouse's HTTP dialect and a web page out, one process."""

from otel_llmcost.serve.config import ServeConfig
from otel_llmcost.serve.daemon import Daemon

__all__ = ["Daemon", "ServeConfig"]
