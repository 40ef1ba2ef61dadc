# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Folds the streams of the Messages API, and of Bedrock's Converse, which carries the same."""

from __future__ import annotations

from typing import Any

from otel_llmcost.providers.fields import JSON, mapping, text
from otel_llmcost.providers.streams import FoldingReader

_CONVERSE = frozenset({"messageStart", "messageStop", "metadata"})


class MessagesReader(FoldingReader):
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

    def _add(self, event: JSON, kind: str) -> None:
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
        # anthropic 18: counts are cumulative, so later ones win and nothing is ever added.
        self._usage.update({k: v for k, v in usage.items() if v is not None})

    def _block(self, block: JSON) -> None:
        kept = {
            key: block[key] for key in ("type", "name", "from", "to", "trigger") if key in block
        }
        self._content.append(kept)
        served_by = text(mapping(block.get("to")).get("model"))
        if block.get("type") == "fallback" and served_by:
            self._reply["model"] = served_by  # anthropic 16: another model took over in mid-stream


def endpoint_of_event(event: JSON) -> str | None:
    """The endpoint that an event shows, if it is one of Messages or Converse."""
    kind = text(event.get("type")) or ""
    shown = kind.startswith(("message_", "content_block")) or not _CONVERSE.isdisjoint(event)
    return "/v1/messages" if shown else None
