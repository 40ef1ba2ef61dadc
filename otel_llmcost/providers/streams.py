# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Folds the events of a stream into what the same reply would have been without streaming.

Only what cost and identity need is kept; no text is. Events of unknown kinds are ignored.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol, cast

from otel_llmcost.providers.fields import JSON, mapping, objects, text


class StreamReader(Protocol):
    """What every reader of a stream can do."""

    def feed(self, event: Mapping[str, Any]) -> None:
        """Take the next decoded event."""
        ...

    def response(self) -> dict[str, Any]:
        """The reply so far; `usage` lacks what did not arrive."""
        ...

    @property
    def complete(self) -> bool:
        """Whether the terminal event was seen: without it the counts are a lower bound."""
        ...

    @property
    def error(self) -> str | None:
        """Type of the error event, when one was seen."""
        ...


class _Reader:
    def __init__(self) -> None:
        self._reply: dict[str, Any] = {}
        self.complete = False
        self.error: str | None = None

    def feed(self, event: Mapping[str, Any]) -> None:
        event = mapping(event)  # a stream may hold anything
        self._take(event, text(event.get("type")) or "")

    def response(self) -> dict[str, Any]:
        return dict(self._reply)

    def _take(self, event: JSON, kind: str) -> None:
        raise NotImplementedError

    def _fail(self, error: JSON) -> None:
        self.error = text(error.get("type")) or text(error.get("code")) or "error"


class MessagesReader(_Reader):
    """Anthropic Messages, and Bedrock's Converse."""

    def __init__(self) -> None:
        super().__init__()
        self._usage: dict[str, Any] = {}
        self._content: list[dict[str, Any]] = []
        self._final = False

    def response(self) -> dict[str, Any]:
        """The message so far; without the final counts its output is unknown."""
        usage = dict(self._usage)
        if not self._final:
            usage.pop("output_tokens", None)  # message_start only has a placeholder
        reply = {**self._reply, "content": list(self._content)}
        return {**reply, "usage": usage} if usage else reply

    def _take(self, event: JSON, kind: str) -> None:
        if kind == "message_start":
            message = mapping(event.get("message"))
            self._reply.update({k: v for k, v in message.items() if k not in ("content", "usage")})
            self._merge(mapping(message.get("usage")))
        elif kind == "content_block_start":
            self._block(mapping(event.get("content_block")))
        elif kind == "message_delta":
            delta = mapping(event.get("delta"))
            self._reply.update({k: v for k, v in delta.items() if v is not None})
            self._merge(mapping(event.get("usage")))
            self._final = self._final or "output_tokens" in mapping(event.get("usage"))
        elif kind == "message_stop":
            self.complete = True
        elif kind == "error":
            self._fail(mapping(event.get("error")))
        elif "metadata" in event:  # Converse
            metadata = mapping(event["metadata"])
            self._merge(mapping(metadata.get("usage")))
            about = ("serviceTier", "performanceConfig")
            self._reply.update({key: metadata[key] for key in about if key in metadata})
            self._final = self.complete = True
        elif "messageStop" in event:
            self._reply["stop_reason"] = mapping(event["messageStop"]).get("stopReason")

    def _merge(self, usage: JSON) -> None:
        # A18: counts are cumulative, so later ones win and nothing is ever added.
        self._usage.update({k: v for k, v in usage.items() if v is not None})

    def _block(self, block: JSON) -> None:
        kept = {
            key: block[key] for key in ("type", "name", "from", "to", "trigger") if key in block
        }
        self._content.append(kept)
        served_by = text(mapping(block.get("to")).get("model"))
        if block.get("type") == "fallback" and served_by:
            self._reply["model"] = served_by  # A16: another model took over in mid-stream


class ChatReader(_Reader):
    """OpenAI chat and legacy completions: usage comes in a chunk of its own, if at all (O20)."""

    def _take(self, event: JSON, kind: str) -> None:
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


class EventsReader(_Reader):
    """OpenAI's typed events: Responses, images, transcription, speech and Realtime."""

    _ENDS = frozenset(
        {"response.completed", "response.incomplete", "response.failed", "response.done"}
    )
    _USAGE_EVENTS = frozenset(
        {
            "image_generation.completed",
            "image_edit.completed",
            "transcript.text.done",
            "speech.audio.done",
        }
    )

    def _take(self, event: JSON, kind: str) -> None:
        if kind == "[DONE]":
            return
        if kind == "error":
            self._fail(mapping(event.get("error")) or {"code": event.get("code")})
            return
        if response := mapping(event.get("response")):
            if kind == "response.done":  # Realtime: one of a session's replies, each billed
                usage = _added(mapping(self._reply.get("usage")), mapping(response.get("usage")))
                self._reply.update({**response, "usage": usage})
            elif not self.complete:
                said = {k: v for k, v in response.items() if v or k not in ("id", "model")}
                self._reply.update(said)
            if kind in self._ENDS:
                self.complete = True
                if failure := mapping(response.get("error")):
                    self._fail(failure)
        elif kind in self._USAGE_EVENTS:
            if usage := mapping(event.get("usage")):
                self._reply["usage"] = _added(mapping(self._reply.get("usage")), usage)
            self.complete = True


def _added(one: JSON, other: JSON) -> dict[str, Any]:
    """Sum of two usage objects and their details: each finished part reports its own tokens."""
    total = {**one, **other}
    for key, value in other.items():
        before = one.get(key)
        if type(value) is int and type(before) is int:
            total[key] = before + value
        elif isinstance(value, Mapping):
            total[key] = _added(mapping(before), cast("JSON", value))
    return total


def stream_reader(provider: str, endpoint: str | None) -> StreamReader:
    """A reader for the streams of an endpoint (as `billable` names it)."""
    name = endpoint or ""
    if name.endswith(("/chat/completions", "/completions")):
        return ChatReader()
    if name.endswith("/messages") or "converse" in name or "invoke" in name:
        return MessagesReader()
    if not name and provider in ("anthropic", "aws.bedrock", "gcp.vertex_ai"):
        return MessagesReader()
    return EventsReader()


def fold(provider: str, endpoint: str | None, events: list[JSON]) -> dict[str, Any]:
    """The reply that a finished list of events amounts to."""
    reader = stream_reader(provider, endpoint or _endpoint_of(events))
    for event in events:
        reader.feed(event)
    return reader.response()


def _endpoint_of(events: list[JSON]) -> str | None:
    for event in events:
        kind = text(event.get("type")) or ""
        if kind.startswith(("message_", "content_block")) or "messageStart" in event:
            return "/v1/messages"
        if "choices" in event:
            return "/v1/chat/completions"
        if kind:
            return "/v1/responses"
    return None
