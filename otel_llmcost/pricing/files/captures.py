# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Streams saved as they came over the wire: server-sent events, as `curl -N` prints them."""

from __future__ import annotations

import json
import re
from typing import Any, cast

_FIRST_LINE = re.compile(r"\s*(?:event|data|id|retry|):[^\n]*")
_LINE_END = re.compile(r"\r\n|\r|\n")  # and no other: the rest may stand inside a JSON string
_DONE = "[DONE]"


def is_capture(text: str) -> bool:
    """Whether the text begins like server-sent events do."""
    return bool(_FIRST_LINE.match(text))


def events(text: str) -> list[dict[str, Any]]:
    """The JSON objects among the events, in order; comments, pings and cut-off events are not."""
    found: list[dict[str, Any]] = []
    for frame in re.split(r"\r?\n[ \t]*\r?\n", text):
        lines = _LINE_END.split(frame)
        data = [line.partition(":")[2] for line in lines if line.startswith("data:")]
        payload = "\n".join(data).strip()
        if not payload or payload == _DONE:
            continue
        try:
            event = json.loads(payload)
        except (ValueError, RecursionError):  # the connection broke in the middle of it
            continue
        if isinstance(event, dict):
            found.append(cast("dict[str, Any]", event))
    return found
