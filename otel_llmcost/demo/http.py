# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""The demo's own requests: to this machine only, so a configured proxy is passed by."""

from __future__ import annotations

import json
import urllib.request
from typing import Any

_opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def get(url: str) -> str:
    """Body of a reply. Raises `urllib.error.URLError` when there is none, or not a good one."""
    with _opener.open(url, timeout=60) as reply:
        return reply.read().decode()


def get_json(url: str) -> Any:
    """A JSON reply, decoded."""
    return json.loads(get(url))


def post(url: str, body: bytes, headers: dict[str, str]) -> None:
    """Send a body; the reply says no more than that it arrived."""
    with _opener.open(urllib.request.Request(url, data=body, headers=headers), timeout=60) as reply:
        reply.read()
