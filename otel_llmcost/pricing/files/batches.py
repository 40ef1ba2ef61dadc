# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Lines of the files that both providers' batches end in, told by their shape."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

_OUTCOMES = frozenset({"succeeded", "errored", "canceled", "expired"})


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchLine:
    """One request of a batch, answered or not."""

    provider: str
    """Whose file format this is; another payer's (Azure, Vertex) looks the same."""
    body: Mapping[str, Any]
    """The reply a single call would have got; empty when there was none."""
    failure: str | None
    """Why it is not billed: `errored`, `expired`, `batch_expired`, `http 400`; None when it is."""


def batch_line(item: Mapping[str, Any]) -> BatchLine | None:
    """Reads one line; None when it is not a line of a batch's result, output or error file."""
    if "custom_id" not in item:
        return None
    if isinstance(item.get("result"), dict):
        return _of_anthropic(cast("dict[str, Any]", item["result"]))
    if "response" in item or "error" in item:
        return _of_openai(item)
    return None


def _of_anthropic(result: Mapping[str, Any]) -> BatchLine | None:
    outcome = result.get("type")
    if outcome not in _OUTCOMES:
        return None
    failure = None if outcome == "succeeded" else str(outcome)
    return BatchLine(provider="anthropic", body=_object(result.get("message")), failure=failure)


def _of_openai(item: Mapping[str, Any]) -> BatchLine:
    response, error = _object(item.get("response")), _object(item.get("error"))
    status = response.get("status_code")
    failure = None
    if error:
        failure = str(error.get("code") or "error")
    elif isinstance(status, int) and status >= 400:
        failure = f"http {status}"
    return BatchLine(provider="openai", body=_object(response.get("body")), failure=failure)


def _object(value: object) -> Mapping[str, Any]:
    return cast("Mapping[str, Any]", value) if isinstance(value, dict) else {}
