# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Which requests of the SDKs lead to a bill."""

from __future__ import annotations

import re

_VERSION = re.compile(r"^(?:/anthropic|/openai|/api)?(?:/deployments/[^/]+)?(?:/v\d+(?:beta\d*)?)?")
_POSTS = frozenset(
    {
        "/messages",
        "/chat/completions",
        "/completions",
        "/responses",
        "/responses/compact",
        "/decisions",
        "/embeddings",
        "/images/generations",
        "/images/edits",
        "/images/variations",
        "/audio/speech",
        "/audio/transcriptions",
        "/audio/translations",
        "/videos",
        "/videos/edits",
        "/videos/extensions",
        # Work that is billed later, by usage that the reply does not tell.
        "/threads/runs",
        "/fine_tuning/jobs",
        "/fine_tuning/alpha/graders/run",
        "/dreams",
    }
)
_POSTS_BY_ID = tuple(
    (re.compile(name.replace("{id}", "[^/]+")), f"/v1{name}")
    for name in (
        "/videos/{id}/remix",
        "/threads/{id}/runs",
        "/evals/{id}/runs",
        "/agents/sessions/{id}/events",
        "/sessions/{id}/events",
        "/deployments/{id}/run",
    )
)
_GETS = (
    (re.compile(r"/messages/batches/[^/]+/results"), "/v1/messages/batches/{id}/results"),
    (re.compile(r"/responses/[^/]+"), "/v1/responses/{id}"),
    (re.compile(r"/files/[^/]+/content"), "/v1/files/{id}/content"),
)
_BEDROCK = re.compile(r"/model/[^/]+/(invoke|converse)(?:-with-response-stream|-stream)?")
_VERTEX = re.compile(r".*/publishers/anthropic/models/[^/:]+:(?:rawPredict|streamRawPredict)")


def billable(method: str, path: str) -> str | None:
    """Name of the endpoint a request bills under, such as `/v1/messages`; None when it is free.

    Some replies to a GET are billed too: a batch's results, and a background response that is
    read for the first time (`/v1/responses/{id}`; the caller knows which are pending).
    """
    path = path.partition("?")[0].rstrip("/")
    path = path if path.startswith("/") else f"/{path}"
    if bedrock := _BEDROCK.fullmatch(path):
        return bedrock[1] if bedrock[1] == "converse" else "/v1/messages"
    if _VERTEX.fullmatch(path):
        return "/v1/messages"
    bare = path[match.end() :] if (match := _VERSION.match(path)) else path
    if bare in _POSTS:
        return f"/v1{bare}" if method.upper() == "POST" else None
    forms = {"POST": _POSTS_BY_ID, "GET": _GETS}.get(method.upper(), ())
    return next((name for form, name in forms if form.fullmatch(bare)), None)
