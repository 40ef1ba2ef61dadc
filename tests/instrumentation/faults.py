# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Every function of ours that a call passes through, and a way to make each of them fail."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import CodeType, FunctionType, ModuleType
from typing import Any

import otel_llmcost
from otel_llmcost import allocation, config, generators, guard, measuring, outcomes, tags
from otel_llmcost import instrumentation as instrumentation_package
from otel_llmcost import pricing as pricing_package
from otel_llmcost import providers as providers_package

# They run the application's own request or hand on its own bytes: to fail in their place is to fail
# the application's call itself. All they do for us goes through functions that are on the list.
CARRY_THE_CALL = {
    "otel_llmcost.instrumentation.patching.http._finish",
    "otel_llmcost.instrumentation.patching.http._afinish",
    "otel_llmcost.instrumentation.bodies.tee.Tee._give_up",
    "otel_llmcost.instrumentation.bodies.tee.Tee._end",
    "otel_llmcost.instrumentation.bodies.tee.Tee._read",
    "otel_llmcost.instrumentation.bodies.tee.Tee._aread",
}

# Called from outside; what they do is guarded, or trivial. (`config.use` is for tests.)
ENTRY_POINTS = {
    "otel_llmcost.allocation.feature",
    "otel_llmcost.allocation.allocate",
    "otel_llmcost.allocation.Scope.__init__",
    "otel_llmcost.allocation.Scope.__enter__",
    "otel_llmcost.allocation.Scope.__exit__",
    "otel_llmcost.config.use",
    "otel_llmcost.instrumentation.bodies.finalizer._on_collection",  # Python's collector calls it
    "otel_llmcost.instrumentation.instrument",
    "otel_llmcost.instrumentation.uninstrument",
    "otel_llmcost.measuring.measure",
    "otel_llmcost.measuring.Measure.__init__",
    "otel_llmcost.measuring.Measure.__enter__",
    "otel_llmcost.measuring.Measure.__aenter__",
    "otel_llmcost.allocation.Counted.__init__",
    "otel_llmcost.outcomes.outcome",
}

# Between them they take the usage out of a chat stream that was requested on the application's
# behalf. When one of them fails, the application sees that usage: a chunk its provider documents.
_P = "otel_llmcost.instrumentation"
USAGE_STAYS_VISIBLE = {
    *(f"{_P}.bodies.readers.EventStream.{n}" for n in ("__init__", "_frame", "_frames", "feed")),
    *(f"{_P}.bodies.readers.{n}" for n in ("_event", "_frame_end", "_are_plain", "_is_plain")),
    *(f"{_P}.bodies.readers.{n}" for n in ("_without_null_usages", "_without_usage")),
    f"{_P}.bodies.readers._without_null_usage",
    *(
        f"{_P}.calls.tracker.CallTracker.{n}"
        for n in ("_body", "_new_reply", "_place", "on_response")
    ),
    *(f"{_P}.bodies.tee.Tee.{n}" for n in ("__init__", "_follow", "_hook")),
    *(
        f"{_P}.{n}"
        for n in (
            "calls.costing.request",
            "bodies.finalizer.watch",
            "bodies.unfinished.Unfinished.__init__",
        )
    ),
    "otel_llmcost.providers.reading.stream_reader",
    "otel_llmcost.providers.registry.provider_named",
    "otel_llmcost.providers.registry.api_of",
    "otel_llmcost.providers.registry.recognised",
    "otel_llmcost.providers.openai.recognises",
    "otel_llmcost.providers.openai.streams.stream_reader",
    "otel_llmcost.providers.streams.FoldingReader.__init__",
}


def modules() -> list[ModuleType]:
    """Every module that a call of either SDK may pass through."""
    found = [allocation, config, generators, measuring, outcomes, tags, otel_llmcost.usage]
    for package in (instrumentation_package, providers_package, pricing_package):
        found.append(package)
        for info in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            found.append(importlib.import_module(info.name))
    return found


def _innermost(value: Any) -> Iterator[FunctionType]:
    if isinstance(value, property):
        for accessor in (value.fget, value.fset):
            yield from _innermost(accessor)
        return
    value = inspect.unwrap(value) if callable(value) else getattr(value, "__func__", value)
    value = inspect.unwrap(value) if callable(value) else value
    if isinstance(value, FunctionType):
        yield value


def functions(module: ModuleType) -> dict[str, FunctionType]:
    """The functions and methods written in `module`, by dotted name."""
    found: dict[str, FunctionType] = {}
    classes = [v for v in vars(module).values() if inspect.isclass(v)]
    for owner in (module, *(c for c in classes if c.__module__ == module.__name__)):
        for value in list(vars(owner).values()):
            for function in _innermost(value):
                written = function.__code__.co_filename == module.__file__
                if written and function.__module__ == module.__name__:
                    found[f"{module.__name__}.{function.__qualname__}"] = function
    return found


def _template(*args: object, **kwargs: object) -> None:
    error = "the error"
    raise error  # type: ignore[misc] # the constant is replaced by an exception class


def _failing(code: CodeType, error: type[Exception]) -> CodeType:
    consts = tuple(
        error if const == "the error" else const for const in _template.__code__.co_consts
    )
    return _template.__code__.replace(
        co_consts=consts, co_freevars=code.co_freevars, co_name=code.co_name
    )


@contextmanager
def failing(function: FunctionType, error: type[Exception]) -> Iterator[None]:
    """`function` raises `error` whenever it is called, by whatever name."""
    code = function.__code__
    function.__code__ = _failing(code, error)
    try:
        yield
    finally:
        function.__code__ = code


@contextmanager
def reached(codes: set[CodeType]) -> Iterator[None]:
    """Adds the code of every function of ours that is called meanwhile, on this thread."""

    def note(frame: Any, event: str, _: object) -> None:
        if event == "call":
            codes.add(frame.f_code)

    sys.setprofile(note)
    try:
        yield
    finally:
        sys.setprofile(None)


def every_function() -> dict[str, FunctionType]:
    return {name: f for module in modules() for name, f in functions(module).items()}


REPORT = guard.report
