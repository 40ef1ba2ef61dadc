# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""A month's spend for people who were not there: one document as Markdown, HTML or data."""
