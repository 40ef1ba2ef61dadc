# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""What is sent for a reply: attributes, span or event, metrics."""
