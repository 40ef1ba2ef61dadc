# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Which allocation keys and values are kept; bad ones cost one warning and never raise."""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from uuid import UUID

from otel_llmcost.guard import guard

_log = logging.getLogger(__name__)
_KEY_PATTERN = re.compile(r"[A-Za-z_][A-Za-z0-9_.\-]{0,63}")
_MAX_LENGTH = 200
_warned: set[str] = set()


@guard("tags.checked")
def checked(values: Mapping[str, object]) -> dict[str, str]:
    """`values` as text, without the bad ones."""
    kept: dict[str, str] = {}
    for name, value in values.items():
        if value is None:
            continue
        if not _KEY_PATTERN.fullmatch(name):
            warn(name, f"allocation key {name!r} dropped: use letters, digits, '_', '.' and '-'")
        elif not isinstance(value, str | int | float | UUID):
            warn(name, f"allocation {name} dropped: {type(value).__name__} is not text or a number")
        elif not 0 < len(text := str(value).strip()) <= _MAX_LENGTH:
            warn(name, f"allocation {name} dropped: it must be 1 to {_MAX_LENGTH} characters")
        else:
            kept[name] = encodable(text, f"allocation {name}")
    return kept


def encodable(text: str, what: str) -> str:
    """`text` with U+FFFD for every lone surrogate: no exporter can encode one, and it would take
    the whole batch with it."""
    if text.isascii():
        return text
    try:
        text.encode()
    except UnicodeEncodeError:
        warn("no text", f"{what} is no valid text: what UTF-8 cannot encode is replaced by U+FFFD")
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text


def warn(key: str, message: str) -> None:
    """Log `message`, once per `key`."""
    if key not in _warned:
        _warned.add(key)
        _log.warning(message)
