# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Reads the SDKs' request options, and requests usage of OpenAI streams on their behalf."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast
from urllib.parse import urlsplit

from otel_llmcost import allocation

_MAX_REMEMBERED = 1000

_url_texts: dict[int, tuple[object, str]] = {}


def body_of(options: Any) -> dict[str, Any]:
    """The JSON body as far as known: openai merges `extra_body` when it builds the request."""
    body: dict[str, Any] = {}
    for part in (getattr(options, "json_data", None), getattr(options, "extra_json", None)):
        # isinstance(…, Mapping) is slow for the usual dict or None.
        if part and (type(part) is dict or isinstance(part, Mapping)):
            body.update(cast("Mapping[str, Any]", part))
    return body


def path_of(options: Any) -> str:
    """Path of the request; the escape hatches also take absolute URLs."""
    url = str(options.url)
    return urlsplit(url).path if "://" in url else url


def base_url_of(client: Any, options: Any) -> str:
    """Base URL the request goes to."""
    url = str(options.url)
    if "://" in url:
        parts = urlsplit(url)
        return f"{parts.scheme}://{parts.netloc}/"
    return _text_of(client.base_url)


def _text_of(url: Any) -> str:
    # Clients keep their URL object, and str() of one is slow.
    known = _url_texts.get(id(url))
    if known is None or known[0] is not url:
        if len(_url_texts) > _MAX_REMEMBERED:
            _url_texts.clear()
        known = _url_texts[id(url)] = (url, str(url))
    return known[1]


def customer_of(header: str | None, client: Any, options: Any) -> dict[str, str]:
    """Whom a call is made for, as record attributes, where a request `header` names a customer."""
    if header is None:
        return {}
    for given in (getattr(options, "headers", None), getattr(client, "_custom_headers", None)):
        if given and isinstance(given, Mapping):
            for name, value in cast("Mapping[str, object]", given).items():
                if name.lower() == header and isinstance(value, str):
                    return allocation.attributes_of({"customer": value})
    return {}


def requests_usage(body: Mapping[str, Any]) -> bool:
    """Whether a request for a stream requests usage by itself."""
    return _stream_options(body).get("include_usage") is True


def with_usage(options: Any) -> Any:
    """A copy of `options` that requests usage; the application's own objects stay as they are."""
    copy = options.model_copy() if hasattr(options, "model_copy") else options.copy()
    extra = getattr(copy, "extra_json", None)
    if isinstance(extra, Mapping) and "stream_options" in extra:
        copy.extra_json = _with_usage_option(cast("Mapping[str, Any]", extra))
    else:
        copy.json_data = _with_usage_option(cast("Mapping[str, Any]", copy.json_data))
    return copy


def _with_usage_option(body: Mapping[str, Any]) -> dict[str, Any]:
    return {**body, "stream_options": {**_stream_options(body), "include_usage": True}}


def _stream_options(body: Mapping[str, Any]) -> Mapping[str, Any]:
    options = body.get("stream_options")
    # Absent, None, or one of the SDKs' "not given" markers.
    return cast("Mapping[str, Any]", options) if isinstance(options, Mapping) else {}
