# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Reads provider replies out of a JSON or JSON-lines file, for `price`."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, cast

from otel_llmcost.errors import ConfigError
from otel_llmcost.moments import moment
from otel_llmcost.pricing.files.captures import events, is_capture
from otel_llmcost.providers import APIS, BatchLine, batch_line
from otel_llmcost.usage import Cost


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """One reply as `price_response` wants it."""

    provider: str
    request: Mapping[str, Any]
    response: Mapping[str, Any]
    at: datetime
    failure: str | None = None
    """Why the line of a batch it comes from is not billed."""

    def price(self) -> Cost:
        """Its list cost under the default price book."""
        from otel_llmcost.pricing import price_response

        return price_response(
            self.provider, request=self.request, response=self.response, at=self.at
        )


def read(text: str, provider: str | None, at: str | None) -> Iterator[Reply]:
    """Every reply of a file; `provider` and `at` stand in where a reply does not say.

    Raises ConfigError naming the line or item that cannot be read.
    """
    for where, item in _items(text):
        if not isinstance(item, dict):
            raise ConfigError(f"{where}: expected a JSON object, got {type(item).__name__}")
        found = cast("dict[str, Any]", item)
        line = batch_line(found)
        yield _in_batch(found, line, provider, at) if line else _reply(where, found, provider, at)


def _items(text: str) -> Iterator[tuple[str, Any]]:
    if is_capture(text):
        yield "the file", {"stream_events": events(text)}
        return
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        yield from _lines(text, error)
        return
    if document == []:
        raise ConfigError("the file is empty: expected JSON or JSON lines")
    if isinstance(document, list):
        for n, item in enumerate(cast("list[Any]", document), 1):
            yield f"item {n}", item
    else:
        yield "the file", document


def _lines(text: str, document: ValueError | RecursionError) -> Iterator[tuple[str, Any]]:
    # Other line ends than this one may stand inside a JSON string.
    lines = [(n, line) for n, line in enumerate(text.split("\n"), 1) if line.strip()]
    if not lines:
        raise ConfigError("the file is empty: expected JSON or JSON lines")
    for n, line in lines:
        try:
            yield f"line {n}", json.loads(line)
        except (ValueError, RecursionError) as error:
            # A broken pretty-printed object fails on its first line; say where it really broke.
            raise ConfigError(_problem(n, document if n == lines[0][0] else error)) from None


def _problem(line: int, error: ValueError | RecursionError) -> str:
    if isinstance(error, RecursionError):
        return f"line {line}: nested too deeply"
    if not isinstance(error, json.JSONDecodeError):
        return f"line {line}: a number has too many digits"
    return f"line {max(line, error.lineno)}: not JSON ({error.msg})"


def _in_batch(item: dict[str, Any], line: BatchLine, provider: str | None, at: str | None) -> Reply:
    return Reply(
        provider=provider or line.api,
        request={"client": {"batch": True}},
        response=item,
        at=_time(None, at, line.body),
        failure=line.failure,
    )


def _reply(where: str, item: dict[str, Any], provider: str | None, at: str | None) -> Reply:
    wrapped = isinstance(item.get("response"), dict)
    response = cast("dict[str, Any]", item["response"] if wrapped else item)
    request = item.get("request") if wrapped else None
    stated = item.get("provider") if wrapped else None
    head = _head(response)
    billed_by = stated or provider or _recognise(head)
    if not isinstance(billed_by, str):
        names = " or ".join(sorted(api.name for api in APIS))
        raise ConfigError(f"{where}: it is unknown who billed it: add --provider {names}")
    return Reply(
        provider=billed_by,
        request=cast("dict[str, Any]", request) if isinstance(request, dict) else {},
        response=response,
        at=_time(item.get("at") if wrapped else None, at, head),
    )


def _head(response: dict[str, Any]) -> dict[str, Any]:
    """Where type and time stand: the reply itself, or what the events of its stream show of it."""
    streamed = response.get("stream_events")
    for event in cast("list[Any]", streamed) if isinstance(streamed, list) else []:
        if isinstance(event, dict):
            shown = cast("dict[str, Any]", event)
            for inner in (shown.get("message"), shown.get("response"), shown):
                if isinstance(inner, dict) and ("object" in inner or "model" in inner):
                    return cast("dict[str, Any]", inner)
    return response


def _recognise(response: dict[str, Any]) -> str | None:
    """The API that this looks like a reply of, by the type field that each documents."""
    return next((api.name for api in APIS if api.recognises_reply(response)), None)


def _time(stated: Any, option: str | None, response: Mapping[str, Any]) -> datetime:
    if isinstance(stated, str):
        return moment(stated)
    if stated is not None:
        at = _since_epoch(stated)
        if at is None:
            raise ConfigError(f'cannot read "at": {stated!r} as a time: use 2026-11-23T10:00:00Z')
        return at
    if option:
        return moment(option)
    created = _since_epoch(response.get("created_at") or response.get("created"))
    return created or datetime.now(UTC)


def _since_epoch(seconds: Any) -> datetime | None:
    """The time of a Unix time stamp; None when no calendar has it."""
    try:
        if isinstance(seconds, int | float) and seconds > 0:
            return datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, OSError, ValueError):
        pass
    return None
