# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Folds OpenAI's streams: chat chunks, and the typed events of everything newer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from otel_llmcost.providers.fields import JSON, mapping, objects, text
from otel_llmcost.providers.streams import FoldingReader


class ChatReader(FoldingReader):
    """Chat and legacy completions: usage comes in a chunk of its own, if at all (openai 20)."""

    def _add(self, event: JSON, kind: str) -> None:
        if kind == "[DONE]":
            self.complete = True
            return
        if event.get("error"):
            self._fail(mapping(event["error"]))
        for key in ("id", "object", "created", "model", "service_tier"):
            if event.get(key):  # Azure's chunks about its filter leave them empty
                self._reply[key] = event[key]
        for choice in objects(event.get("choices")):
            if choice.get("finish_reason"):
                index = choice.get("index")
                finished = self._reply.setdefault("choices", [])
                finished.append({"index": index, "finish_reason": choice["finish_reason"]})
        if mapping(event.get("usage")):
            self._reply["usage"] = event["usage"]
            self.complete = True


class EventsReader(FoldingReader):
    """OpenAI's typed events: Responses, images, transcription, speech and Realtime."""

    _ENDS = frozenset(
        {"response.completed", "response.incomplete", "response.failed", "response.done"}
    )
    USAGE_EVENTS = frozenset(
        {
            "image_generation.completed",
            "image_edit.completed",
            "transcript.text.done",
            "speech.audio.done",
        }
    )

    def _add(self, event: JSON, kind: str) -> None:
        if kind == "[DONE]":
            return
        if kind == "error":
            self._fail(mapping(event.get("error")) or {"code": event.get("code")})
            return
        if response := mapping(event.get("response")):
            if kind == "response.done":  # Realtime: one of a session's replies, each billed
                usage = _sum(mapping(self._reply.get("usage")), mapping(response.get("usage")))
                self._reply.update({**response, "usage": usage})
            elif not self.complete:
                said = {k: v for k, v in response.items() if v or k not in ("id", "model")}
                self._reply.update(said)
            if kind in self._ENDS:
                self.complete = True
                if failure := mapping(response.get("error")):
                    self._fail(failure)
        elif kind in self.USAGE_EVENTS:
            if usage := mapping(event.get("usage")):
                self._reply["usage"] = _sum(mapping(self._reply.get("usage")), usage)
            self.complete = True


def _sum(one: JSON, other: JSON) -> dict[str, Any]:
    """Sum of two usage objects and their details: each finished part reports its own tokens."""
    total = {**one, **other}
    for key, value in other.items():
        before = one.get(key)
        if type(value) is int and type(before) is int:
            total[key] = before + value
        elif isinstance(value, Mapping):
            total[key] = _sum(mapping(before), cast("JSON", value))
    return total


def stream_reader(endpoint: str) -> ChatReader | EventsReader:
    """A reader for the streams of an endpoint."""
    if endpoint.endswith(("/chat/completions", "/completions")):
        return ChatReader()
    return EventsReader()


def endpoint_of_event(event: JSON) -> str | None:
    """The endpoint that an event shows; None when it may be of another API."""
    if "choices" in event:
        return "/v1/chat/completions"
    kind = text(event.get("type")) or ""
    shown = kind in EventsReader.USAGE_EVENTS or kind.startswith("response.")
    return "/v1/responses" if shown else None
