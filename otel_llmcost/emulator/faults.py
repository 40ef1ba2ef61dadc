# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Trouble on demand: the request header `x-emulator-fault` requests it.

`529x2`    refuse the first two attempts of this call with 529 (any status works), then answer
`truncate` end a stream halfway, without its terminal event and without an error
`error`    end a stream halfway with the provider's error event
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

HEADER = "x-emulator-fault"
PACE_HEADER = "x-emulator-pace"
RETRY_AFTER_MS = 20

KINDS = {
    400: ("invalid_request_error", "The emulator refuses this request on demand"),
    401: ("authentication_error", "invalid x-api-key"),
    429: ("rate_limit_error", "This request would exceed your rate limit"),
    500: ("api_error", "Internal server error"),
    529: ("overloaded_error", "Overloaded"),
}


@dataclass(frozen=True, slots=True)
class Fault:
    """What was requested: a status to refuse with, or a way for the stream to break."""

    status: int | None = None
    stream: Literal["truncate", "error"] | None = None


def requested_fault(headers: Mapping[str, str]) -> Fault:
    """Read the header; the SDKs number their attempts, so no state is needed to stop after n."""
    wish = headers.get(HEADER, "")
    if wish == "truncate" or wish == "error":
        return Fault(stream=wish)
    match = re.fullmatch(r"(\d{3})(?:x(\d+))?", wish)
    if match is None:
        return Fault()
    attempt = int(headers.get("x-stainless-retry-count") or 0)
    times = int(match[2] or 1)
    return Fault(status=int(match[1])) if attempt < times else Fault()


def describe(status: int) -> tuple[str, str]:
    """The provider's error type and message for a status."""
    return KINDS.get(status, ("api_error", "The emulator fails on demand"))
