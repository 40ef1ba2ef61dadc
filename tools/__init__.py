# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""What `make` runs beside tests and benchmarks: accidents, other versions, pinned prices."""
