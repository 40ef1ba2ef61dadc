# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""The embedded store and the command, as for other commands."""

from tests.cli.conftest import cli
from tests.cli.provider import provider
from tests.support.embedded import embedded_store

__all__ = ["cli", "embedded_store", "provider"]
