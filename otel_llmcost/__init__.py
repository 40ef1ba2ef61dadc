# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""What every LLM call really costs, over OpenTelemetry."""
