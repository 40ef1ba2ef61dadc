# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""What the providers answer at every endpoint that the SDKs' methods reach."""

from __future__ import annotations

import json
import re
from typing import Any

from tests.instrumentation.aws import aws_message
from tests.instrumentation.providers_stub import (
    COMPLETION,
    MESSAGE,
    Chunks,
    chunk_frames,
    message_frames,
    sse,
)
from tests.instrumentation.sdk_http import httpx

GPT = "gpt-4o-2024-08-06"
SAID = {**MESSAGE, "content": [{"type": "text", "text": '{"answer": 1}'}]}
CALLED = {"type": "tool_use", "id": "t", "name": "weather", "input": {"place": "Rome"}}
WANTS_TOOL = {**MESSAGE, "stop_reason": "tool_use", "content": [CALLED]}
CHOICE = {"message": {"role": "assistant", "content": '{"answer": 1}'}, "finish_reason": "stop"}
TOKENS = {"input_tokens": 80, "output_tokens": 5}
OUTPUT = {"type": "output_text", "text": '{"answer": 1}', "annotations": []}
RESPONSE: dict[str, Any] = {
    "id": "resp_1",
    "object": "response",
    "created_at": 1,
    "model": GPT,
    "status": "completed",
    "parallel_tool_calls": True,
    "tool_choice": "auto",
    "tools": [],
    "output": [
        {
            "id": "m",
            "type": "message",
            "role": "assistant",
            "status": "completed",
            "content": [OUTPUT],
        }
    ],
    "usage": {
        **TOKENS,
        "total_tokens": 85,
        "input_tokens_details": {"cached_tokens": 30},
        "output_tokens_details": {"reasoning_tokens": 0},
    },
}
CHAT_USAGE = {"prompt_tokens": 80, "completion_tokens": 5, "total_tokens": 85}
QUEUED = {**RESPONSE, "status": "queued", "usage": None, "output": []}
IMAGE_USAGE = {
    **TOKENS,
    "total_tokens": 85,
    "input_tokens_details": {"text_tokens": 80, "image_tokens": 0},
}
HEARD_USAGE = {
    **TOKENS,
    "type": "tokens",
    "total_tokens": 85,
    "input_token_details": {"text_tokens": 0, "audio_tokens": 80},
}
MESSAGE_BATCH = {
    "id": "msgbatch_1",
    "type": "message_batch",
    "processing_status": "ended",
    "created_at": "2026-11-20T00:00:00Z",
    "ended_at": "2026-11-20T01:00:00Z",
    "expires_at": "2026-11-21T00:00:00Z",
    "request_counts": {
        "processing": 0,
        "succeeded": 1,
        "errored": 0,
        "canceled": 0,
        "expired": 0,
    },
    "results_url": "https://api.anthropic.com/v1/messages/batches/msgbatch_1/results",
}
BATCH = {"id": "batch_1", "object": "batch", "status": "completed", "output_file_id": "file_out"}
JOB = {"id": "job_1", "status": "queued", "model": "gpt-4o", "error": None, "usage": None}
REPLIES: dict[str, Any] = {
    "/messages": SAID,
    "/messages/count_tokens": {"input_tokens": 80},
    "/messages/batches": MESSAGE_BATCH,
    "/messages/batches/msgbatch_1": MESSAGE_BATCH,
    "/chat/completions": {**COMPLETION, "choices": [{"index": 0, **CHOICE}]},
    "/responses": RESPONSE,
    "/responses/resp_1": RESPONSE,
    "/responses/compact": {**RESPONSE, "object": "response.compaction"},
    "/completions": {
        **COMPLETION,
        "object": "text_completion",
        "model": "gpt-3.5-turbo-instruct",
        "usage": CHAT_USAGE,
    },
    "/embeddings": {
        "object": "list",
        "data": [],
        "model": "text-embedding-3-small",
        "usage": {"prompt_tokens": 80, "total_tokens": 80},
    },
    "/images/generations": {"created": 1, "data": [], "usage": IMAGE_USAGE},
    "/images/edits": {"created": 1, "data": [], "usage": IMAGE_USAGE},
    "/images/variations": {"created": 1, "data": []},
    "/audio/transcriptions": {"text": "hi", "usage": HEARD_USAGE},
    "/audio/translations": {"text": "hi"},
    "/moderations": {"id": "m", "model": "omni-moderation-latest", "results": []},
    "/batches": BATCH,
    "/batches/batch_1": BATCH,
    "/videos": {**JOB, "object": "video", "model": "sora-2", "seconds": "4"},
    "/videos/job_1": {**JOB, "object": "video", "model": "sora-2", "status": "completed"},
    "/videos/job_1/remix": {**JOB, "object": "video", "model": "sora-2"},
    "/threads/t/runs": JOB,
    "/threads/t/runs/job_1": {**JOB, "status": "completed"},
    "/fine_tuning/jobs": JOB,
    "/evals/e/runs": JOB,
}
LINES = {
    "/messages/batches/msgbatch_1/results": {
        "custom_id": "a",
        "result": {"type": "succeeded", "message": MESSAGE},
    },
    "/files/file_out/content": {
        "custom_id": "a",
        "response": {"status_code": 200, "body": {**COMPLETION, "usage": CHAT_USAGE}},
    },
}
NO_CONTENT = {"type": "response.created", "sequence_number": 0, "response": QUEUED}
STREAMS: dict[str, list[bytes]] = {
    "/messages": message_frames(),
    "/chat/completions": chunk_frames(with_usage=True),
    "/completions": chunk_frames(with_usage=True),
    "/responses": [
        sse(NO_CONTENT, "response.created"),
        sse(
            {"type": "response.completed", "sequence_number": 1, "response": RESPONSE},
            "response.completed",
        ),
    ],
    "/images/generations": [sse({"type": "image_generation.completed", "usage": IMAGE_USAGE})],
    "/images/edits": [sse({"type": "image_edit.completed", "usage": IMAGE_USAGE})],
    "/audio/transcriptions": [
        sse({"type": "transcript.text.delta", "delta": "hi"}),
        sse({"type": "transcript.text.done", "text": "hi", "usage": HEARD_USAGE}),
    ],
    "/audio/speech": [sse({"type": "speech.audio.done", "usage": {**TOKENS, "total_tokens": 85}})],
}
_HEAD = re.compile(r"^.*(?:/v1(?:beta1)?|/openai|/anthropic(?:/v1)?)(?:/deployments/[^/]+)?(?=/)")
_CLOUD = re.compile(r".*(?::(?:stream)?rawPredict|/invoke(?:-with-response-stream)?)$", re.I)


def answer(request: httpx.Request) -> httpx.Response:
    """As the providers would."""
    complete = request.url.path
    path = "/messages" if _CLOUD.fullmatch(complete) else _HEAD.sub("", complete)
    if path in LINES:
        return httpx.Response(200, text=json.dumps(LINES[path]) + "\n")
    content = request.read()
    if complete.endswith("-with-response-stream"):
        events = [frame.split(b"data: ")[1].strip() for frame in STREAMS[path]]
        headers = {"content-type": "application/vnd.amazon.eventstream"}
        return httpx.Response(200, headers=headers, stream=Chunks([*map(aws_message, events)]))
    wants_stream = (
        b'"stream":true' in content
        or b'"stream_format":"sse"' in content
        or (b'name="stream"\r\n\r\ntrue' in content)
    )
    if wants_stream:
        headers = {"content-type": "text/event-stream"}
        return httpx.Response(200, headers=headers, stream=Chunks([*STREAMS[path]]))
    if path == "/audio/speech":
        return httpx.Response(200, headers={"content-type": "audio/mpeg"}, content=b"\xff" * 99)
    if path == "/responses" and "bedrock" in request.url.host:
        return httpx.Response(200, json={**RESPONSE, "model": json.loads(content)["model"]})
    if path == "/responses" and b'"background":true' in content:
        return httpx.Response(200, json=QUEUED)
    if path == "/messages" and b'"tools"' in content and b"tool_result" not in content:
        return httpx.Response(200, json=WANTS_TOOL)
    return httpx.Response(200, json=REPLIES.get(path, {"id": "x", "data": []}))
