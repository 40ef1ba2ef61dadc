# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""The demo: two emulated providers, a sample app on the real SDKs, and a store to look at."""
