# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Why a figure changed: price, volume and mix, between periods, runs and versions."""
