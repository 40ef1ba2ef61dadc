# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Models that their provider will switch off, and what to use then."""

from __future__ import annotations

import datetime as dt
from typing import NamedTuple


class Retirement(NamedTuple):
    """The last day of a model. From that day on, requests to it fail."""

    model: str
    day: dt.date
    successor: str
    """The newest model of its family: Anthropic's page of replacements could not be read."""


PROVIDERS = ("anthropic", "azure.ai.foundry")
"""Whose dates these are: Bedrock and Vertex have schedules of their own."""
SOURCE = "https://platform.claude.com/docs/en/about-claude/model-deprecations"

_SONNET_4_5 = (dt.date(2026, 11, 30), "claude-sonnet-5-5")
_OPUS_4_5 = (dt.date(2027, 1, 22), "claude-opus-5-5")

RETIREMENTS = {
    model: Retirement(model, *facts)
    for model, facts in {
        "claude-mythos-preview": (dt.date(2026, 6, 30), "claude-mythos-5-2"),
        "claude-sonnet-4-5": _SONNET_4_5,
        "claude-sonnet-4-5-20250929": _SONNET_4_5,
        "claude-opus-4-5": _OPUS_4_5,
        "claude-opus-4-5-20251101": _OPUS_4_5,
    }.items()
}
"""By exact id, aliases included. The Anthropic SDK ships the same dates."""
