# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""What people decide: each changes the store by a few rows, and each leaves a line in the audit."""
