# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""The OTLP receiver of the daemon: HTTP and gRPC."""
