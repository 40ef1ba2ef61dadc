# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Invoices beside calls: reading providers' bills, reconciling, FOCUS export, repricing."""
