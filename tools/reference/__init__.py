# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Pages of docs/reference that are generated from the code."""
