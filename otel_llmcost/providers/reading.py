# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""From a request and its reply to a `Usage`, whichever provider and API they are of."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from otel_llmcost.providers.batches import BatchLine
from otel_llmcost.providers.fields import JSON, Unreadable, mapping, objects, text
from otel_llmcost.providers.hosts import UNKNOWN_HOST
from otel_llmcost.providers.provider import Api, Provider
from otel_llmcost.providers.registry import (
    APIS,
    DEFAULT_API,
    api_of,
    api_of_model,
    provider_named,
    recognised,
)
from otel_llmcost.providers.reported import reported_cost
from otel_llmcost.providers.streams import StreamReader
from otel_llmcost.usage import Status, Usage

PAID_BY_CUSTOMER = "paid_by_customer"
"""Reason of a reply that costs its caller nothing because the caller's customer pays for it."""

_NO_PROVIDER = Provider(name="")
_INPUT_COUNTS = frozenset({"prompt_tokens", "input_tokens"})


def read(provider: str, *, request: Mapping[str, Any], response: Mapping[str, Any]) -> Usage:
    """What one reply used, and what is known about how it is billed.

    `provider` is who bills; `request["client"]` holds what only the client has (see
    `pricing.price_response`). A usage that cannot be priced has status `unpriced` and a reason.
    """
    request, given = mapping(request), mapping(response)
    reply, client = _unwrapped(given), mapping(request.get("client"))
    if reply is not given:  # openai 5: that it is a line of a batch, only its shape says
        client = {**client, "batch": True}
        request = {**request, "client": client}
    if "stream_events" in reply and (events := objects(reply["stream_events"])):
        reply = {**reply, **fold(provider, text(client.get("endpoint")), events)}
    usage = _of(provider_named(provider), client, request, reply)
    reported = reported_cost(client, reply)
    return usage if reported is None else dataclasses.replace(usage, reported_cost=reported)


def paid_by_customer(provider: str, request: JSON) -> bool:
    """Whether `provider` bills a request to a customer of the caller."""
    is_paid = provider_named(provider).paid_by_customer
    return is_paid is not None and is_paid(request)


def stream_reader(provider: str, endpoint: str | None) -> StreamReader:
    """A reader for the streams of an endpoint (as `billable` names it)."""
    name = endpoint or ""
    api = recognised(name, {}) or api_of(provider_named(provider), name, None)
    return api.stream_reader(name)


def fold(provider: str, endpoint: str | None, events: list[JSON]) -> dict[str, Any]:
    """The reply that a finished list of events amounts to."""
    reader = stream_reader(provider, endpoint or _endpoint_of(events))
    for event in events:
        reader.feed(event)
    return reader.response()


def batch_line(item: JSON) -> BatchLine | None:
    """A line of a batch's result, output or error file; None when it is none."""
    if "custom_id" not in item and "result" not in item:
        return None
    return next(filter(None, (api.batch_line(item) for api in APIS)), None)


def _endpoint_of(events: list[JSON]) -> str | None:
    shown = (api.recognises_event(event) for event in events for api in APIS)
    return next(filter(None, shown), None)


def _unwrapped(reply: JSON) -> JSON:
    """The reply inside a line of a batch; failed lines are errors (anthropic 6, openai 5)."""
    line = batch_line(reply)
    if line is None:
        return reply
    return {"error": {"type": line.failure}} if line.failure else line.body


def _of(provider: Provider, client: JSON, request: JSON, reply: JSON) -> Usage:
    if provider.name == UNKNOWN_HOST:
        return _identified(provider, request, reply, "unpriced", UNKNOWN_HOST)
    if _session_api(reply) is None and _failed(reply):
        return _identified(provider, request, reply, "not_billed", "http_error")
    try:
        usage = _read(provider, client, request, reply)
    except Unreadable as problem:
        usage = _identified(provider, request, reply, "unpriced", problem.reason)
    if provider.paid_by_customer is not None and provider.paid_by_customer(request):
        return dataclasses.replace(usage, status="not_billed", reason=PAID_BY_CUSTOMER)
    return usage


def _read(provider: Provider, client: JSON, request: JSON, reply: JSON) -> Usage:
    if (session_api := _session_api(reply)) is not None:
        return session_api.read_session(provider, request, reply)
    usage = mapping(reply.get("usage"))
    endpoint = text(client.get("endpoint")) or ""
    api = recognised(endpoint, usage) or api_of(provider, endpoint, _model(request, reply))
    if api is not DEFAULT_API or _INPUT_COUNTS.isdisjoint(usage):
        return api.read(provider, request, reply)
    maker = api_of_model(_model(request, reply))
    translate = maker and maker.from_openai_format
    if maker is None or translate is None:
        return api.read(provider, request, reply)
    translated = translate(request, reply)
    found = maker.read(provider, request, translated.reply)
    if translated.reason is None or found.status != "priced":
        return found
    return dataclasses.replace(found, status=translated.status, reason=translated.reason)


def _session_api(reply: JSON) -> Api | None:
    """The API whose agent session a reply is; None when it is no session."""
    if "agent" not in reply:
        return None
    return next((api for api in APIS if api.is_session(reply)), None)


def _model(request: JSON, reply: JSON) -> str | None:
    return text(reply.get("model")) or text(request.get("model")) or text(request.get("modelId"))


def _failed(reply: JSON) -> bool:
    """Rejected requests are not billed (anthropic 19, openai 21)."""
    status = reply.get("http_status")
    if isinstance(status, int) and status >= 400:
        return True
    error = reply.get("error")
    return bool(error and mapping(error)) and not reply.get("usage") and "output" not in reply


def _identified(
    provider: Provider, request: JSON, reply: JSON, status: Status, reason: str
) -> Usage:
    """A usage without quantities to price; its token counts are kept when they can be read."""
    usage = Usage(
        provider=provider.name,
        model=_model(request, reply),
        response_id=text(reply.get("id")),
        status=status,
        reason=reason,
    )
    if status == "not_billed" or reason in ("invalid_usage", "contradictory_usage"):
        return usage
    return _with_counts(usage, request, reply)


def _with_counts(usage: Usage, request: JSON, reply: JSON) -> Usage:
    """Tokens of a reply without a price: they still say where they went."""
    endpoint = mapping(request.get("client")).get("endpoint")
    plain: dict[str, Any] = {"model": usage.model, "client": {"endpoint": endpoint}}
    bare = {key: reply.get(key) for key in ("model", "choices", "stop_reason", "status")}
    counts = mapping(reply.get("usage"))
    bare["usage"] = {k: v for k, v in counts.items() if k not in ("service_tier", "speed")}
    try:
        counted = _read(_NO_PROVIDER, plain["client"], plain, bare)
    except Unreadable:
        return usage
    return dataclasses.replace(
        counted,
        provider=usage.provider,
        model=usage.model,
        response_id=usage.response_id,
        status=usage.status,
        reason=usage.reason,
    )
