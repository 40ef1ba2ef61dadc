# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Reads provider replies out of a JSON or JSON-lines file, for `price`."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, cast

from otel_llmcost.analysis import moment
from otel_llmcost.errors import ConfigError
from otel_llmcost.usage import Cost


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """One reply as `price_response` wants it."""

    provider: str
    request: Mapping[str, Any]
    response: Mapping[str, Any]
    at: datetime

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
        yield _reply(where, cast("dict[str, Any]", item), provider, at)


def _items(text: str) -> Iterator[tuple[str, Any]]:
    try:
        whole = json.loads(text)
    except json.JSONDecodeError as error:
        yield from _lines(text, error)
        return
    if isinstance(whole, list):
        for n, item in enumerate(cast("list[Any]", whole), 1):
            yield f"item {n}", item
    else:
        yield "the file", whole


def _lines(text: str, whole: json.JSONDecodeError) -> Iterator[tuple[str, Any]]:
    lines = [(n, line) for n, line in enumerate(text.splitlines(), 1) if line.strip()]
    if not lines:
        raise ConfigError("the file is empty: expected JSON or JSON lines")
    for n, line in lines:
        try:
            yield f"line {n}", json.loads(line)
        except json.JSONDecodeError as error:
            # A broken pretty-printed object fails on its first line; tell where it really broke.
            problem = whole if n == lines[0][0] else error
            at = f"line {problem.lineno}" if problem is whole else f"line {n}"
            raise ConfigError(f"{at}: not JSON ({problem.msg})") from None


def _reply(where: str, item: dict[str, Any], provider: str | None, at: str | None) -> Reply:
    wrapped = isinstance(item.get("response"), dict)
    response = cast("dict[str, Any]", item["response"] if wrapped else item)
    request = item.get("request") if wrapped else None
    stated = item.get("provider") if wrapped else None
    billed_by = stated or provider or _recognise(response)
    if not isinstance(billed_by, str):
        raise ConfigError(f"{where}: cannot tell who billed it: add --provider anthropic or openai")
    return Reply(
        provider=billed_by,
        request=cast("dict[str, Any]", request) if isinstance(request, dict) else {},
        response=response,
        at=_time(item.get("at") if wrapped else None, at, response),
    )


def _recognise(response: dict[str, Any]) -> str | None:
    """The provider whose body this looks like, by the type field each API documents."""
    if response.get("type") == "message":
        return "anthropic"
    kind = response.get("object")
    if isinstance(kind, str) and kind.split(".")[0] in {"chat", "response", "text_completion"}:
        return "openai"
    if kind == "list" and "usage" in response:  # embeddings
        return "openai"
    return None


def _time(stated: Any, option: str | None, response: dict[str, Any]) -> datetime:
    if isinstance(stated, str):
        return moment(stated)
    if option:
        return moment(option)
    created = response.get("created_at") or response.get("created")
    if isinstance(created, int | float) and created > 0:
        return datetime.fromtimestamp(created, UTC)
    return datetime.now(UTC)
