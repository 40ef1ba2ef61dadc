# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Keyed hashes of a request: they find duplicates and broken cache prefixes without content."""

from __future__ import annotations

import json
import marshal
import os
from collections.abc import Mapping, Sequence
from hashlib import blake2b
from typing import Any, cast

_PREFIX_ROLES = ("system", "developer")


class Fingerprints:
    """Hashes of one process or, with a key of the user's, of many: 16 hex digits each."""

    __slots__ = ("_key", "_prefix", "_requests")

    def __init__(self, key: str | None) -> None:
        # blake2b takes at most 64 bytes of key.
        self._key = blake2b(key.encode()).digest() if key else os.urandom(32)
        # Copies of a hash that has its key already are cheaper than new ones.
        self._prefix = blake2b(digest_size=8, key=self._key)
        self._requests: dict[str, blake2b] = {}

    def request(self, path: str, body: bytes) -> str:
        """Fingerprint of a request as it was sent."""
        keyed = self._requests.get(path)
        if keyed is None:
            keyed = blake2b(digest_size=8, key=self._key, person=path.encode()[-16:])
            self._requests[path] = keyed
        return _digest(keyed, body)

    def prefix(self, body: Mapping[str, Any]) -> str:
        """Fingerprint of what comes first in a prompt and should stay the same: tools, system."""
        get = body.get
        model, tools, system = get("model"), get("tools"), get("system")
        prefix = [model, tools, system, get("instructions"), get("prompt")]
        return _digest(self._prefix, _canonical([*prefix, _leading_system_messages(body)]))


def _digest(keyed: blake2b, content: bytes) -> str:
    copy = keyed.copy()
    copy.update(content)
    return copy.hexdigest()


def _leading_system_messages(body: Mapping[str, Any]) -> list[object]:
    messages = body.get("messages", body.get("input"))
    leading: list[object] = []
    if type(messages) is list or (
        isinstance(messages, Sequence) and not isinstance(messages, str | bytes)
    ):
        for message in cast("Sequence[dict[str, Any] | str]", messages):
            role: object = message.get("role") if isinstance(message, dict) else None
            if role not in _PREFIX_ROLES:
                break
            leading.append(message)
    return leading


def _canonical(value: Any) -> bytes:
    try:
        # Format 2 depends on values only and is ten times faster than JSON on long tool lists.
        return marshal.dumps(value, 2)
    except ValueError:
        return json.dumps(value, default=str, sort_keys=True).encode()
