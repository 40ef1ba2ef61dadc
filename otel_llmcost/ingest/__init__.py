# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""OTLP bytes into the store: checked alone, committed in groups, decoded by the engine."""

from otel_llmcost.ingest.decode import Body, MalformedBody, Signal
from otel_llmcost.ingest.disk_guard import DiskGuard
from otel_llmcost.ingest.group_commit import Busy
from otel_llmcost.ingest.ingestor import Ingestor

__all__ = ["Body", "Busy", "DiskGuard", "Ingestor", "MalformedBody", "Signal"]
