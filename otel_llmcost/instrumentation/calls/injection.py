# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Where usage may be requested of OpenAI streams, and what follows when a server refuses that.

OpenAI's chat streams carry no usage unless the request says `stream_options.include_usage`. OpenAI
and Azure OpenAI take it. Other servers may answer an error: then the request is sent once more just
as the application made it, and no more requests for usage go to the model at that host.
"""

from __future__ import annotations

import logging
from typing import Any

from otel_llmcost import providers
from otel_llmcost.config import Config
from otel_llmcost.instrumentation.calls import request_facts
from otel_llmcost.instrumentation.calls.call import Call

_log = logging.getLogger(__name__)
_ENDPOINTS = ("/v1/chat/completions", "/v1/completions")
# Azure refuses `stream_options` on requests with data of the user's.
_NOT_WITH = ("data_sources", "dataSources")
# Errors that a server gives whatever the request wants.
_OTHER_REASONS = frozenset({401, 402, 407, 408, 409, 413, 429})
_MAX_REMEMBERED = 1000

_Place = tuple[str, str, object]


class Injection:
    """Which hosts and models of one SDK take `include_usage`."""

    def __init__(self, sdk: str, config: Config) -> None:
        needed = providers.api_of_sdk(sdk).sdk.streams_need_usage_option
        self._on = needed and config.openai_inject_usage
        self._taken: set[_Place] = set()
        self._refused: set[_Place] = set()

    def wanted(self, call: Call, client: Any) -> bool:
        """Whether to request usage on the application's behalf."""
        if not (self._on and call.stream and call.known_host):
            return False
        body = call.body
        # Without `stream` in the body servers refuse `stream_options`.
        if body.get("stream") is not True or call.endpoint not in _ENDPOINTS:
            return False
        if any(name in body for name in _NOT_WITH):
            return False
        since = providers.provider_named(call.provider).stream_options_since
        if since is not None:
            version = str(getattr(client, "_api_version", None) or "v1")
            if version[:1].isdigit() and version[:10] < since:
                return False
        return not request_facts.requests_usage(body) and _place(call) not in self._refused

    def accepted(self, call: Call) -> None:
        """Usage that was requested came."""
        if call.inject and len(self._taken) < _MAX_REMEMBERED:
            self._taken.add(_place(call))

    def refused(self, call: Call, error: Exception) -> bool:
        """Whether `error` may be the answer to our option; if so, `call` sends it no more."""
        if not call.inject or not self._may_be_ours(call, error):
            return False
        call.inject = False
        return True

    def remember(self, call: Call) -> None:
        """Without our option the same request was answered: do not send it there again."""
        place = _place(call)
        if place not in self._refused and len(self._refused) < _MAX_REMEMBERED:
            self._refused.add(place)
            _log.warning(
                "%s does not take stream_options.include_usage for %s: "
                "its streams are recorded without usage",
                *(call.host, call.body.get("model")),
            )

    def _may_be_ours(self, call: Call, error: Exception) -> bool:
        text = f"{error} {getattr(error, 'body', '')}"
        if "stream_options" in text or "include_usage" in text:
            return True
        if _is_sure(call) or _place(call) in self._taken:
            return False
        status = getattr(error, "status_code", None)
        if isinstance(status, int):
            return status >= 400 and status not in _OTHER_REASONS
        # It may also have closed the connection. A timeout is not tried twice.
        return type(error).__name__ == "APIConnectionError"


def _place(call: Call) -> _Place:
    return call.base_url, call.endpoint, str(call.body.get("model"))


def _is_sure(call: Call) -> bool:
    """Whether this is the provider's own host, and not one that was declared to be billed so."""
    owner = providers.billing_provider(call.base_url, {}, call.sdk)
    return owner is not None and providers.provider_named(owner).takes_stream_options
