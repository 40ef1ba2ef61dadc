# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Frames are read whatever their spacing and whatever the model is called."""

from __future__ import annotations

import json
from typing import Any

import pytest

from otel_llmcost import providers
from otel_llmcost.instrumentation.bodies.readers import EventStream

CHAT = "/v1/chat/completions"
USAGE = {"prompt_tokens": 9, "completion_tokens": 2, "total_tokens": 11}
COMPACT, SPACED, ODD = (",", ":"), (", ", ": "), (" , ", " : ")


def chunk(model: str = "gpt-6-sol", finish: str | None = None, **more: Any) -> dict[str, Any]:
    choice = {"index": 0, "delta": {"content": "x"}, "finish_reason": finish}
    return {"id": "chatcmpl-1", "model": model, "choices": [choice], "usage": None, **more}


def frame(event: Any, separators: tuple[str, str], name: str | None = None) -> bytes:
    head = f"event: {name}\n" if name else ""
    return f"{head}data: {json.dumps(event, separators=separators)}\n\n".encode()


def read(endpoint: str, frames: list[bytes], *, size: int, strip: bool = False) -> Any:
    """The reply, and the bytes that the application gets."""
    body = EventStream(providers.stream_reader("openai", endpoint), strip=strip)
    data = b"".join(frames)
    kept = [body.feed(data[at : at + size]) for at in range(0, len(data), size)]
    return body.response(), b"".join([*kept, body.end()])


@pytest.mark.parametrize("size", [7, 1_000_000])
@pytest.mark.parametrize("strip", [False, True])
@pytest.mark.parametrize("separators", [COMPACT, SPACED, ODD])
@pytest.mark.parametrize("model", ["gpt-6-sol", "corp.delta", "x.delta\\ny", "content_block_delta"])
def test_usage_is_found_in_any_spacing_and_for_any_model(
    model: str, separators: tuple[str, str], strip: bool, size: int
) -> None:
    events = [
        *[chunk(model)] * 5,
        chunk(model, "stop"),
        {**chunk(model), "choices": [], "usage": USAGE},
    ]
    frames = [frame(event, separators) for event in events]
    reply, seen = read(CHAT, frames, size=size, strip=strip)
    assert (reply["id"], reply["model"], reply["usage"]) == ("chatcmpl-1", model, USAGE)
    assert reply["choices"] == [{"index": 0, "finish_reason": "stop"}]
    if strip:
        assert b'"usage"' not in seen
        assert seen.count(b"data:") == 6
    else:
        assert seen == b"".join(frames)


@pytest.mark.parametrize("separators", [COMPACT, SPACED, ODD])
@pytest.mark.parametrize("named", [True, False])
def test_usage_of_typed_events_is_found_in_any_spacing(
    separators: tuple[str, str], named: bool
) -> None:
    usage = {"input_tokens": 9, "output_tokens": 2, "total_tokens": 11}
    started = {"id": "resp_1", "model": "corp.delta"}
    events = [
        {"type": "response.created", "response": started},
        *[{"type": "response.output_text.delta", "delta": "x"}] * 5,
        {"type": "response.completed", "response": {**started, "usage": usage}},
    ]
    frames = [frame(e, separators, e["type"] if named else None) for e in events]  # type: ignore[arg-type]
    reply, _ = read("/v1/responses", frames, size=1_000_000)
    assert (reply["model"], reply["usage"]) == ("corp.delta", usage)


def test_a_chat_that_names_itself_late_and_ends_early_keeps_its_name() -> None:
    """Azure's first chunk is about its filter; the application reads no further than the text."""
    filtered = {"id": "", "model": "", "choices": [], "prompt_filter_results": [{}]}
    reply, _ = read(CHAT, [frame(e, COMPACT) for e in [filtered, *[chunk()] * 3]], size=1_000_000)
    assert (reply["id"], reply["model"]) == ("chatcmpl-1", "gpt-6-sol")


def test_a_chat_that_never_names_itself_is_not_decoded_for_ever() -> None:
    nameless = {"choices": [{"index": 0, "delta": {"content": "x"}, "finish_reason": None}]}

    class Counting:
        fed = 0
        complete = False
        error = None

        def feed(self, event: Any) -> None:
            self.fed += 1

        def response(self) -> dict[str, Any]:
            return {}

    reader = Counting()
    EventStream(reader).feed(frame(nameless, COMPACT) * 1000)
    assert reader.fed <= 8


@pytest.mark.parametrize("separators", [COMPACT, SPACED, ODD])
@pytest.mark.parametrize("place", ["first", "between", "last"])
@pytest.mark.parametrize("at_once", [1, 2])
def test_a_null_usage_is_taken_out_wherever_it_stands_and_nothing_else(
    at_once: int, place: str, separators: tuple[str, str]
) -> None:
    rest = {name: value for name, value in chunk().items() if name != "usage"}
    event = {
        "first": {"usage": None, **rest},
        "between": {"id": "chatcmpl-1", "usage": None, **rest},
        "last": {**rest, "usage": None},
    }[place]
    body = EventStream(providers.stream_reader("openai", CHAT), strip=True)
    body.feed(frame(event, separators))
    seen = body.feed(frame(event, separators) * at_once)
    events = [json.loads(line.removeprefix("data:")) for line in seen.decode().split("\n\n")[:-1]]
    assert events == [rest] * at_once
