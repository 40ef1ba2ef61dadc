# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""The patches on `<sdk>._base_client`, the same for both SDKs, effective on existing clients too.

`request` sees every logical call, `_build_request` every attempt, `_process_response` every HTTP
reply exactly once and before it is parsed. Their keyword-only signatures have been stable from
anthropic 0.40 and openai 1.40 on.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from otel_llmcost.guard import guard
from otel_llmcost.instrumentation.calls.call import is_open
from otel_llmcost.instrumentation.calls.tracker import CallTracker, OpenCall


@dataclass(frozen=True, slots=True)
class _Patch:
    owner: type
    name: str
    original: Any
    replacement: Any


class HttpPatch:
    """Puts a tracker between one SDK's client and its HTTP traffic, and takes it out again."""

    def __init__(self, tracker: CallTracker) -> None:
        self._tracker: CallTracker | None = tracker
        self._patches: list[_Patch] = []

    def install(self, base_client: ModuleType) -> list[str]:
        """Patch the classes of `<sdk>._base_client`; returns what this version does not have.

        Replies are seen without the other methods, only without attempts, and without a span that
        is current while the call is under way. Raises when no reply can be seen.
        """
        planned = [
            ("SyncAPIClient", "request", self._request),
            ("AsyncAPIClient", "request", self._async_request),
            ("SyncAPIClient", "_process_response", self._process_response),
            ("AsyncAPIClient", "_process_response", self._async_process_response),
            ("BaseClient", "_build_request", self._build_request),
            ("BaseClient", "_calculate_retry_timeout", self._calculate_retry_timeout),
        ]
        missing: list[str] = []
        for class_name, name, wrap in planned:
            owner = getattr(base_client, class_name, None)
            original = None if owner is None else owner.__dict__.get(name)
            if owner is None or original is None:
                missing.append(f"{class_name}.{name}")
                continue
            self._patches.append(_Patch(owner, name, original, wrap(original)))
            if name == "request":
                self._patches += [
                    _Patch(client, name, theirs, wrap(_as_method(theirs)))
                    for client in _subclasses(owner)
                    if (theirs := client.__dict__.get(name)) is not None
                ]
        if not any(patch.name == "_process_response" for patch in self._patches):
            raise AttributeError(", ".join(missing))
        for patch in self._patches:
            setattr(patch.owner, patch.name, patch.replacement)
        return missing

    def remove(self) -> None:
        """Restore every attribute; where another patch wraps ours, ours becomes a pass-through."""
        if self._tracker is not None:
            self._tracker.close()
        self._tracker = None
        for patch in self._patches:
            if patch.owner.__dict__.get(patch.name) is patch.replacement:
                setattr(patch.owner, patch.name, patch.original)
        self._patches.clear()

    @guard("patch.on_request")
    def _open(self, client: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> OpenCall | None:
        tracker = self._tracker
        options = kwargs["options"] if "options" in kwargs else args[1] if len(args) > 1 else None
        if tracker is None or options is None or is_open(options):
            return None
        opened = tracker.on_request(client, options, bool(kwargs.get("stream")))
        if opened is None or opened.options is options:
            return opened
        if "options" in kwargs:
            opened.sent = args, {**kwargs, "options": opened.options}
        else:
            opened.sent = (*args[:1], opened.options, *args[2:]), kwargs
        return opened

    def _request(self, original: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(original)
        def request(client: Any, *args: Any, **kwargs: Any) -> Any:
            opened = self._open(client, args, kwargs)
            if opened is None:
                return original(client, *args, **kwargs)
            return _finish(self._tracker, opened, original, client, args, kwargs)

        return request

    def _async_request(self, original: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(original)
        async def request(client: Any, *args: Any, **kwargs: Any) -> Any:
            opened = self._open(client, args, kwargs)
            if opened is None:
                return await original(client, *args, **kwargs)
            return await _afinish(self._tracker, opened, original, client, args, kwargs)

        return request

    def _process_response(self, original: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(original)
        def process(client: Any, *args: Any, **kwargs: Any) -> Any:
            tracker = self._tracker
            opened = tracker.on_response(client, kwargs) if tracker is not None else None
            if opened is None:
                return original(client, *args, **kwargs)
            return _finish(tracker, opened, original, client, args, kwargs)

        return process

    def _async_process_response(self, original: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(original)
        async def process(client: Any, *args: Any, **kwargs: Any) -> Any:
            tracker = self._tracker
            opened = tracker.on_response(client, kwargs) if tracker is not None else None
            if opened is None:
                return await original(client, *args, **kwargs)
            return await _afinish(tracker, opened, original, client, args, kwargs)

        return process

    def _build_request(self, original: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(original)
        def build(client: Any, *args: Any, **kwargs: Any) -> Any:
            request = original(client, *args, **kwargs)
            tracker = self._tracker
            if tracker is not None:
                tracker.on_attempt()
            return request

        return build

    def _calculate_retry_timeout(self, original: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(original)
        def calculate(client: Any, *args: Any, **kwargs: Any) -> Any:
            tracker = self._tracker
            if tracker is not None:
                # (remaining_retries, options, response_headers=None)
                tracker.on_retry(args[2] if len(args) > 2 else kwargs.get("response_headers"))
            return original(client, *args, **kwargs)

        return calculate


def _subclasses(owner: type) -> Iterator[type]:
    """Who came first may have patched a client class around the base class's original method."""
    for subclass in owner.__subclasses__():
        yield subclass
        yield from _subclasses(subclass)


def _as_method(patched: Any) -> Callable[..., Any]:
    # Wrappers of wrapt distinguish a method from a function by how they are bound.
    def call(client: Any, *args: Any, **kwargs: Any) -> Any:
        return patched.__get__(client, type(client))(*args, **kwargs)

    return functools.wraps(patched)(call)


def _finish(
    tracker: CallTracker | None,
    opened: OpenCall,
    original: Callable[..., Any],
    client: Any,
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
) -> Any:
    """Send; when a server refused what we had added to the request, send it again without."""
    refused, result = False, None
    sent_args, sent_kwargs = opened.sent or (args, kwargs)
    try:
        try:
            result = original(client, *sent_args, **sent_kwargs)
        except Exception as error:
            refused = tracker is not None and bool(tracker.on_refusal(opened, error))
            if not refused:
                raise
        if refused:  # out of the handler: the first error is no context of another one
            result = original(client, *args, **kwargs)
    except BaseException as error:
        if tracker is not None:
            tracker.on_error(opened, error)
        raise
    if tracker is not None:
        tracker.on_return(opened)
    return result


async def _afinish(
    tracker: CallTracker | None,
    opened: OpenCall,
    original: Callable[..., Any],
    client: Any,
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
) -> Any:
    """As `_finish`."""
    refused, result = False, None
    sent_args, sent_kwargs = opened.sent or (args, kwargs)
    try:
        try:
            result = await original(client, *sent_args, **sent_kwargs)
        except Exception as error:
            refused = tracker is not None and bool(tracker.on_refusal(opened, error))
            if not refused:
                raise
        if refused:
            result = await original(client, *args, **kwargs)
    except BaseException as error:
        if tracker is not None:
            tracker.on_error(opened, error)
        raise
    if tracker is not None:
        tracker.on_return(opened)
    return result
