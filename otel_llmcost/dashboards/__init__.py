# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Grafana boards and alert rules, generated from code: one module a board, one file a query.

The generated files stand in the repository's `dashboards/`, where Grafana loads them from.
"""
