# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""ClickHouse's HTTP interface over the embedded engine.

Its threat model: docs/explanation/threat-model.md.
"""
