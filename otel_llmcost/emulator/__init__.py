# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Anthropic's and OpenAI's HTTP APIs as far as money goes, on this machine, without a key.

The same seed gives the same texts, token counts and prices; ids differ from run to run. The
emulator keeps a ledger of what it billed (`GET /ledger`), which is what costs are checked against.
"""

from otel_llmcost.emulator.ledger import Entry, Ledger
from otel_llmcost.emulator.server import Emulator

__all__ = ["Emulator", "Entry", "Ledger"]
