# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Which requests of the SDKs lead to a bill."""

from __future__ import annotations

import re

from otel_llmcost.providers.registry import APIS, PROVIDERS

_VERSION = re.compile(r"^(?:/anthropic|/openai|/api)?(?:/deployments/[^/]+)?(?:/v\d+(?:beta\d*)?)?")
_POSTS = frozenset[str]().union(*(api.posts for api in APIS))


def _form(endpoint: str) -> tuple[re.Pattern[str], str]:
    return re.compile(endpoint.replace("{id}", "[^/]+")), f"/v1{endpoint}"


_BY_ID = {
    "POST": tuple(_form(endpoint) for api in APIS for endpoint in api.posts_by_id),
    "GET": tuple(_form(endpoint) for api in APIS for endpoint in api.gets),
}
_PATHS = tuple(
    (re.compile(pattern), endpoint)
    for provider in PROVIDERS
    for pattern, endpoint in provider.paths
)


def billable(method: str, path: str) -> str | None:
    """Name of the endpoint a request bills under, such as `/v1/messages`; None when it is free.

    Some replies to a GET are billed too: a batch's results, and a background response that is
    read for the first time (`/v1/responses/{id}`; the caller has which are pending).
    """
    path = path.partition("?")[0].rstrip("/")
    path = path if path.startswith("/") else f"/{path}"
    for form, endpoint in _PATHS:
        if form.fullmatch(path):
            return endpoint
    bare = path[match.end() :] if (match := _VERSION.match(path)) else path
    if bare in _POSTS:
        return f"/v1{bare}" if method.upper() == "POST" else None
    forms = _BY_ID.get(method.upper(), ())
    return next((endpoint for form, endpoint in forms if form.fullmatch(bare)), None)
