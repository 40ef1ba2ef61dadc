# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""OTLP bytes into the store: checked alone, committed in groups, decoded by the engine."""

from otel_llmcost.ingest.group import Busy
from otel_llmcost.ingest.ingestor import Ingestor
from otel_llmcost.ingest.room import Room
from otel_llmcost.ingest.wire import Body, MalformedBody, Signal

__all__ = ["Body", "Busy", "Ingestor", "MalformedBody", "Room", "Signal"]
