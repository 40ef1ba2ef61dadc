# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Anomalies: found, kept, and reported once."""
