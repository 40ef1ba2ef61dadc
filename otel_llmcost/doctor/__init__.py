# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""What `otel-llmcost doctor` checks: settings, patches, routes and the way to the store."""
