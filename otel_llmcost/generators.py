# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Generators whose steps run inside a context manager, and that are as Python's in all else."""

from __future__ import annotations

import functools
from collections.abc import AsyncGenerator, Callable, Generator
from contextlib import AbstractContextManager
from typing import Any


def around_generator(
    function: Callable[..., Any], steps: Callable[[], AbstractContextManager[None]]
) -> Callable[..., Any]:
    """`function`, a generator function, whose every step runs inside what `steps` made for it."""

    @functools.wraps(function)
    def run(*args: Any, **kwargs: Any) -> Generator[Any, Any, Any]:
        body: Generator[Any, Any, Any] = function(*args, **kwargs)
        inside = steps()
        step = functools.partial(body.send, None)
        while True:
            with inside:
                try:
                    item = step()
                except StopIteration as stop:
                    return stop.value
            try:
                sent = yield item
            except GeneratorExit:
                with inside:
                    body.close()
                raise
            except BaseException as error:  # noqa: BLE001 - handed into the body, as Python would
                step = functools.partial(body.throw, error)
            else:
                step = functools.partial(body.send, sent)

    return run


def around_async_generator(
    function: Callable[..., Any], steps: Callable[[], AbstractContextManager[None]]
) -> Callable[..., Any]:
    """As `around_generator`, for an async generator function."""

    @functools.wraps(function)
    async def run(*args: Any, **kwargs: Any) -> AsyncGenerator[Any, Any]:
        body: AsyncGenerator[Any, Any] = function(*args, **kwargs)
        inside = steps()
        step = functools.partial(body.asend, None)
        while True:
            with inside:
                try:
                    item = await step()
                except StopAsyncIteration:
                    return
            try:
                sent = yield item
            except GeneratorExit:
                with inside:
                    await body.aclose()
                raise
            except BaseException as error:  # noqa: BLE001 - handed into the body, as Python would
                step = functools.partial(body.athrow, error)
            else:
                step = functools.partial(body.asend, sent)

    return run
