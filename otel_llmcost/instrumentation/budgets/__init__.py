# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Budgets that warn or block before a call leaves."""
