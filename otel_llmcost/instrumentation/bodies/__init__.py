# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Reading a reply's bytes beside the application, never before it."""
