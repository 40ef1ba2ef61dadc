# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""What went wrong between us and ClickHouse, as one line without the client library's wrapping."""

from __future__ import annotations

import re

_WRAPPING = re.compile(
    r"^.*?DB::Exception: "  # "Received ClickHouse exception, code: 62, server response: Code: 62. "
    r"| Expected one of: .*?(?= \([A-Z_]+\)|$)"  # a hundred tokens
    r"|\. In scope .*?(?=\. \([A-Z_]+\)|$)"  # the text of a view
    r"| \(version [^()]*(\([^()]*\))?[^()]*\)"
    r"| \(for url [^()]*\)"
)


# The driver appends ` FORMAT Native` to a query, on a line of its own.
_APPENDED = re.compile(
    r" at position \d+ \((?:FORMAT|Native)\) \(line \d+, col \d+\): (?:FORMAT )?Native"
)


def error_message(error: Exception) -> str:
    """The engine's own words; for a server that cannot be reached, the system's."""
    if getattr(error, "code", None) is None:
        cause: BaseException = error
        while (inner := cause.__cause__ or cause.__context__) is not None:
            cause = inner
        if isinstance(cause, OSError) and cause.strerror:
            return cause.strerror
    first, *_ = str(error).strip().split("\n")
    return _APPENDED.sub(" at its end", _WRAPPING.sub("", first)).strip()
