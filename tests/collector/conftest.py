# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Without the collector's binary, one skip says so (test_config.py) instead of one a test."""

from tests.collector.running import BINARY

WITH_THE_BINARY = ["binary", "existing", "layers_of_collectors", "pipeline"]
collect_ignore = [] if BINARY.exists() else [f"test_{name}.py" for name in WITH_THE_BINARY]
