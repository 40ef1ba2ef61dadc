# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""What both HTTP servers of the daemon share: bodies, encodings, connections, access."""
