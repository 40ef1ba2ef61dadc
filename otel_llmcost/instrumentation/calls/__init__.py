# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""What one call is: its request, its replies, attempts, batches, sessions and cost."""
