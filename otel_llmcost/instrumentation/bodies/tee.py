# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Reads along with the application on a response whose body is not read yet.

The hooks sit on that one response object and only while its body is open. Every way a body can end
finishes the reply exactly once: terminal event, end of file, close, error, cancellation, and
garbage collection.
"""

from __future__ import annotations

import weakref
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Generator, Iterator
from contextlib import aclosing
from typing import Any, Literal, Protocol, cast

from otel_llmcost.guard import guard
from otel_llmcost.instrumentation.bodies import finalizer
from otel_llmcost.instrumentation.bodies.readers import Body

Outcome = Literal["complete", "abandoned", "truncated", "error"]
_HOOKS = ("iter_bytes", "aiter_bytes", "close", "aclose", "__getstate__")


class Listener(Protocol):
    """Gets what happens to a body; `finished` is called once."""

    def first_chunk(self) -> None: ...
    def finished(self, body: Body, outcome: Outcome, error: BaseException | None) -> None: ...


class Tee:
    """One body being read by the application, and by us along with it."""

    __slots__ = (
        *("_body", "_finalizer", "_following", "_listener"),
        *("_pulling", "_response", "_started"),
    )

    def __init__(self, response: Any, body: Body, listener: Listener) -> None:
        self._body = body
        self._listener: Listener | None = listener
        self._following = True
        self._pulling = False
        self._started = False
        self._response = weakref.ref(response)
        finalizer.watch()
        self._finalizer = weakref.finalize(response, self._dropped)
        self._hook(response)

    def _hook(self, response: Any) -> None:
        # Strong references: in a collected cycle the SDK still closes its response, when weak ones
        # are dead already. The tee itself holds none, so the finalizer keeps nothing alive.
        plain = cast("Any", type(response))

        def iter_bytes(chunk_size: int | None = None) -> Iterator[bytes]:
            return self._read(plain.iter_bytes(response, chunk_size))

        def aiter_bytes(chunk_size: int | None = None) -> AsyncIterator[bytes]:
            return self._aread(plain.aiter_bytes(response, chunk_size))

        def close() -> None:
            try:
                plain.close(response)
            finally:
                self._closed()

        async def aclose() -> None:
            try:
                await plain.aclose(response)
            finally:
                self._closed()

        def getstate() -> Any:
            # Copies and pickles are read without us. httpx keeps its attributes in a dict.
            state = plain.__getstate__(response)
            return {name: value for name, value in state.items() if name not in _HOOKS}

        hooks: tuple[Callable[..., Any], ...] = (iter_bytes, aiter_bytes, close, aclose, getstate)
        for name, hook in zip(_HOOKS, hooks, strict=True):
            setattr(response, name, hook)

    def _read(self, source: Iterator[bytes]) -> Generator[bytes, None, None]:
        try:
            self._pulling = True
            for chunk in source:
                self._pulling = False
                kept = self._follow(chunk)
                if kept is None:
                    kept = self._give_up(chunk)
                if kept:
                    yield kept
                self._pulling = True
            self._pulling = False
            if rest := self._end():
                yield rest
        except GeneratorExit:
            self._closed()
            raise
        except BaseException as error:
            self._finish("truncated", error)
            raise
        finally:
            self._pulling = False
            self._release()

    async def _aread(self, source: AsyncGenerator[bytes, None]) -> AsyncGenerator[bytes, None]:
        async with aclosing(source):
            try:
                self._pulling = True
                async for chunk in source:
                    self._pulling = False
                    kept = self._follow(chunk)
                    if kept is None:
                        kept = self._give_up(chunk)
                    if kept:
                        yield kept
                    self._pulling = True
                self._pulling = False
                if rest := self._end():
                    yield rest
            except GeneratorExit:
                self._closed()
                raise
            except Exception as error:
                self._finish("truncated", error)
                raise
            except BaseException:
                self._finish("abandoned", None)  # cancelled
                raise
            finally:
                self._pulling = False
                self._release()

    @guard("tee.follow")
    def _follow(self, chunk: bytes) -> bytes:
        if not self._following:
            return chunk
        if not self._started:
            self._started = True
            self._note_start()
        body = self._body
        kept = body.feed(chunk)
        if (body.complete or body.error) and self._listener is not None:
            # Not at end of file: another emitter's span, which we may decorate, ends at this event.
            self._finish("error" if body.error else "complete", None)
        return kept

    def _give_up(self, chunk: bytes) -> bytes:
        # We failed: the application gets everything, and we read no further.
        self._following = False
        return bytes(self._body.held) + chunk

    @guard("tee.start")
    def _note_start(self) -> None:
        if self._listener is not None:
            self._listener.first_chunk()

    def _end(self) -> bytes:
        held = bytes(self._body.held) if self._following else b""
        rest = self._followed() if self._following else None
        if rest is None:
            self._finish("truncated", None)
            return held
        return rest

    @guard("tee.end")
    def _followed(self) -> bytes:
        rest = self._body.end()
        if self._body.error:
            self._finish("error", None)
        else:
            self._finish("complete" if self._body.complete else "truncated", None)
        return rest

    @guard("tee.closed")
    def _closed(self) -> None:
        # httpx closes a response at end of file, before the last bytes come out of its decoder.
        if not self._pulling:
            finalizer.settle(self._abandon)
            self._release()

    @guard("tee.dropped")
    def _dropped(self) -> None:
        finalizer.settle(self._abandon)

    def _abandon(self) -> None:
        self._finish("abandoned", None)

    @guard("tee.finish")
    def _finish(self, outcome: Outcome, error: BaseException | None) -> None:
        listener, self._listener = self._listener, None
        if listener is not None:
            self._finalizer.detach()
            listener.finished(self._body, outcome, error)

    @guard("tee.release")
    def _release(self) -> None:
        response = self._response()
        if response is not None:
            for name in _HOOKS:
                response.__dict__.pop(name, None)
