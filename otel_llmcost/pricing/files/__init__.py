# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Recorded replies, batch results and captures as `otel-llmcost price` reads them."""
