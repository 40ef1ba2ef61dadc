# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Which HTTP attempts of a call may be billed although they brought no usage."""

from __future__ import annotations

# httpx errors that happen before a request is on the wire.
_NEVER_SENT = frozenset(
    {"ConnectError", "ConnectTimeout", "PoolTimeout", "ProxyError"}
    | {"UnsupportedProtocol", "LocalProtocolError", "InvalidURL", "TooManyRedirects"}
)


def certainly_unbilled(error: BaseException | None) -> bool:
    """Whether the attempt that ended with `error` was refused or never sent.

    A timeout or a body that broke off proves nothing: the provider may have done the work.
    """
    while error is not None:
        status = getattr(error, "status_code", None)
        if isinstance(status, int) and status >= 400:
            return True
        if type(error).__name__ in _NEVER_SENT:
            return True
        error = error.__cause__
    return False
