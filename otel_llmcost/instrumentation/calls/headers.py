# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""The headers of a reply that we read, in one pass: each look-up of httpx goes through all."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from otel_llmcost.guard import guard
from otel_llmcost.providers import COST_HEADERS

DATE, CONTENT_TYPE, REQUEST_ID = "date", "content-type", "request-id"
_REQUEST_IDS = (REQUEST_ID, "x-request-id")
_NAMES = {name.encode(): name for name in (DATE, CONTENT_TYPE, *_REQUEST_IDS, *COST_HEADERS)}
_MOST_SPELLINGS = 1000

_spellings: dict[bytes, str | None] = dict(_NAMES)
"""The header that we read by the spelling of its name; None for all others that were seen."""


@guard("headers.read")
def read(response: Any) -> Mapping[str, str]:
    """Value by name in lower case, for those that are there; the provider's id of the HTTP request
    is `REQUEST_ID`, whichever header names it."""
    found = _wanted(response.headers)
    for name in _REQUEST_IDS:
        if name in found:
            found.setdefault(REQUEST_ID, found[name])
    return found


def _wanted(headers: Any) -> dict[str, str]:
    raw = getattr(headers, "raw", None)
    if type(raw) is not list:
        return {name: str(value) for name in _NAMES.values() if (value := headers.get(name))}
    found: dict[str, str] = {}
    for key, value in cast("list[tuple[bytes, bytes]]", raw):
        try:
            name = _spellings[key]
        except KeyError:
            name = _named(key)
        if name is not None and name not in found:
            found[name] = value.decode("latin-1")
    return found


def _named(key: bytes) -> str | None:
    if len(_spellings) >= _MOST_SPELLINGS:
        _spellings.clear()
    name = _spellings[key] = _NAMES.get(key.lower())
    return name
