# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Opens a call: who bills it, and the attributes that all its records carry."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from opentelemetry.context import Context

from otel_llmcost.allocation import counters_in
from otel_llmcost.instrumentation.calls.call import Call
from otel_llmcost.instrumentation.calls.coverage import Emitter
from otel_llmcost.instrumentation.calls.hosts import Hosts
from otel_llmcost.instrumentation.records import record_attributes

_NOTHING: Mapping[str, Any] = {}


def open_call(
    hosts: Hosts,
    *,
    sdk: str,
    endpoint: str,
    base_url: str,
    body: Mapping[str, Any],
    stream: bool,
    started: int,
    allocation: Mapping[str, str],
    site: Mapping[str, str | int],
    context: Context,
    emitter: Emitter | None,
    inherited: Mapping[str, Any] = _NOTHING,
) -> Call:
    """A call of `sdk` that starts; where no billing provider is known, the SDK's is assumed.

    `site` is where in the code it was made, `inherited` what spans around it say of it.
    """
    provider, host = hosts.lookup(base_url, body.get("model"))
    call = Call(
        sdk=sdk,
        endpoint=endpoint,
        provider=provider or sdk,
        known_host=provider is not None,
        base_url=base_url,
        host=host,
        body=body,
        stream=stream,
        started=started,
        attributes={},
        allocation=allocation,
        context=context,
        emitter=emitter,
        counters=counters_in(context),
    )
    facts = record_attributes.of_request(call)
    call.attributes = {**inherited, **facts, **allocation, **site}
    return call
