# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Host and port of a URL that may be anything."""

from __future__ import annotations

from functools import lru_cache
from urllib.parse import urlsplit


@lru_cache(maxsize=256)
def host_and_port(url: str) -> tuple[str, int | None]:
    """Host in lower case and port; empty for what is not a URL."""
    try:
        parts = urlsplit(url if "//" in url else f"//{url}")
        port = parts.port or {"https": 443, "http": 80}.get(parts.scheme)
        return (parts.hostname or "").lower().rstrip("."), port
    except ValueError:
        return "", None
