# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
from tests.instrumentation.conftest import no_waiting, server, telemetry
from tests.support.embedded import embedded_store

__all__ = ["embedded_store", "no_waiting", "server", "telemetry"]
