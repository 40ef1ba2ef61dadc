# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Who and what a call is for: `feature()`, `allocate()` and what they put on every record.

The allocation rides in the OpenTelemetry context, so it follows asyncio tasks and whatever carries
that context into threads. Nested scopes merge, the inner value wins. A *scope* is the outermost
`feature()` or `allocate()` entered: one run of a feature, whatever number of calls it makes.
Bad values are dropped with one warning and never raise.
"""

from __future__ import annotations

import dataclasses
import functools
import inspect
import os
from collections.abc import Callable, Mapping
from contextvars import ContextVar, Token
from dataclasses import dataclass
from types import AsyncGeneratorType, CoroutineType, GeneratorType, MappingProxyType
from typing import Any, Protocol, TypeVar, cast
from weakref import WeakSet

from opentelemetry import context as otel_context
from opentelemetry.context import Context

from otel_llmcost import config, semconv, tags
from otel_llmcost.generators import around_async_generator, around_generator
from otel_llmcost.guard import guard
from otel_llmcost.usage import Cost

F = TypeVar("F", bound=Callable[..., Any])

_KEY = otel_context.create_key("llmcost-allocation")
_NAMES = {
    "feature": semconv.FEATURE,
    "user": semconv.USER_ID,
    "session": semconv.SESSION_ID,
    "conversation": semconv.CONVERSATION_ID,
}


class CostCounter(Protocol):
    """Adds up what the calls of a block cost; `Measure` is one."""

    def add(self, cost: Cost, *, failed: bool) -> None:
        """One call of the block has ended."""
        ...


@dataclass(frozen=True, slots=True)
class _Allocation:
    values: Mapping[str, str]
    """By the user's names: `feature`, `user`, `team` …"""
    attributes: Mapping[str, str]
    """The same by attribute name, with the scope id."""
    counters: tuple[CostCounter, ...] = ()
    """Of the `measure()` blocks around."""


def feature(name: str, /, **allocation: object) -> Scope:
    """Tag every call made inside as part of the feature `name`; keywords add other dimensions.

    Use it as a decorator (def, async def, generator, async generator) or in `with` / `async with`:

        @feature("summarize", team="docs")
        def summarize(text): ...
    """
    if callable(name):
        # `@feature` without a name would otherwise turn the user's function into something else.
        tags.warn("feature without a name", "feature() needs a name; using the function's")
        return cast("Scope", feature(getattr(name, "__name__", "unnamed"))(name))
    return Scope({"feature": name, **allocation})


def allocate(**allocation: object) -> Scope:
    """Add dimensions (`user=`, `session=`, `conversation=`, `team=` …) to all calls made inside."""
    return Scope(allocation)


def current_allocation() -> Mapping[str, str]:
    """What a call made here is allocated to, by the names given to `feature` and `allocate`."""
    found = _current(otel_context.get_current())
    return found.values if found else MappingProxyType({})


def current_attributes() -> Mapping[str, str]:
    """The current allocation as record attributes, scope id included; empty outside any scope."""
    return attributes_in(otel_context.get_current())


def attributes_in(context: Context) -> Mapping[str, str]:
    """The allocation of `context` as record attributes."""
    found = _current(context)
    return found.attributes if found else {}


def counters_in(context: Context) -> tuple[CostCounter, ...]:
    """Of the `measure()` blocks that a call made in `context` counts for."""
    found = cast("_Allocation | None", context.get(_KEY))
    return found.counters if found else ()


def attributes_of(values: Mapping[str, object]) -> dict[str, str]:
    """`values` as record attributes; bad ones are dropped with a warning."""
    return {_attribute(name): value for name, value in (tags.checked(values) or {}).items()}


def private(context: Context) -> Context:
    """`context` without our baggage: it is for the user's own services, not for the provider."""
    if not config.active().baggage:
        return context
    from opentelemetry import baggage

    for key in baggage.get_all(context):
        if _is_ours(key):
            context = baggage.remove_baggage(key, context)
    return context


class Scope:
    """What `feature()` and `allocate()` return: a decorator and a (sync and async) context manager.

    One object may be entered many times, recursively and from many threads and tasks at once:
    what has to be undone is kept in locals or in the entering context, never on the object.
    """

    __slots__ = ("_values",)

    def __init__(self, values: Mapping[str, object]) -> None:
        self._values = tags.checked(values) or {}

    def __enter__(self) -> Scope:
        _entered.set((self, self._attach(), _entered.get()))
        return self

    def __exit__(self, *_: object) -> None:
        _leave(self)

    async def __aenter__(self) -> Scope:
        return self.__enter__()

    async def __aexit__(self, *_: object) -> None:
        _leave(self)

    def __call__(self, function: F) -> F:
        """Decorate `function`: every call of it, or run of the generator it makes, is inside."""
        if isinstance(function, staticmethod | classmethod):
            inner = cast("Any", function)
            return cast("F", type(inner)(self(inner.__func__)))
        if not callable(function) or inspect.isclass(function):
            tags.warn("decorated", f"cannot tag {function!r}: decorate functions and methods")
            return cast("F", function)
        if inspect.isasyncgenfunction(function):
            return cast("F", around_async_generator(function, self._steps))
        if inspect.isgeneratorfunction(function):
            return cast("F", around_generator(function, self._steps))
        if inspect.iscoroutinefunction(function):
            return cast("F", self._around_coroutine(function))
        return cast("F", self._around_function(function))

    def _inside(self, outer: _Allocation | None) -> _Allocation:
        """What holds inside, where `outer` holds around it."""
        return _merged(outer, self._values)

    def _steps(self) -> _Steps:
        return _Steps(self._inside)

    @guard("allocation.attach")
    def _attach(self) -> Token[Context]:
        context = otel_context.get_current()
        return otel_context.attach(_with(self._inside(_current(context)), context))

    def _around_function(self, function: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(function)
        def call(*args: Any, **kwargs: Any) -> Any:
            token = self._attach()
            try:
                return _carrying(function(*args, **kwargs))
            finally:
                _detach(token)

        return call

    def _around_coroutine(self, function: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(function)
        async def call(*args: Any, **kwargs: Any) -> Any:
            token = self._attach()
            try:
                return _carrying(await function(*args, **kwargs))
            finally:
                _detach(token)

        return call


class Counted(Scope):
    """A scope that adds no tag: calls made inside count for a counter as well."""

    __slots__ = ("_counter",)

    def __init__(self, counter: CostCounter) -> None:
        super().__init__({})
        self._counter = counter

    def _inside(self, outer: _Allocation | None) -> _Allocation:
        outer = outer or _Allocation(MappingProxyType({}), {})
        return dataclasses.replace(outer, counters=(*outer.counters, self._counter))


class _Steps:
    """Puts one generator run in scope while its body runs, and out of it while it is suspended."""

    __slots__ = ("_found", "_inside", "_token")

    def __init__(self, inside: Callable[[_Allocation | None], _Allocation]) -> None:
        self._inside = inside
        self._found: _Allocation | None = None
        self._token: Token[Context] | None = None

    @guard("allocation.resume")
    def __enter__(self) -> None:
        self._token = None
        context = otel_context.get_current()
        if self._found is None:
            self._found = self._inside(_current(context))
        self._token = otel_context.attach(_with(self._found, context))

    @guard("allocation.suspend")
    def __exit__(self, *_: object) -> None:
        # A scope the body has open across this yield goes on when the body does.
        token, self._token = self._token, None
        if token is not None:
            self._found = _current(otel_context.get_current()) or self._found
            otel_context.detach(token)


# Created where a function runs, run where its caller uses what it returned.
_LAZY = (GeneratorType, AsyncGeneratorType, CoroutineType)
_EAGER = (type(None), bool, int, float, str, bytes, list, tuple, dict)
# The SDKs' stream managers send the request when they are entered.
_REQUEST_FUNCTIONS = ("__api_request", "_request_func")


def _carrying(result: Any) -> Any:
    """`result`, whose calls are in the current scope even if it is used after the scope was left.

    That concerns generators and coroutines, returned as they are or as an attribute of what is
    returned, as the responses of Starlette, Flask and Django and the SDKs' managers hold them.
    """
    if type(result) in _EAGER:
        return result
    carried = _carried(result)
    return result if carried is None else carried


@guard("allocation.carried")
def _carried(result: Any) -> Any:
    found = _current(otel_context.get_current())
    if found is None:
        return None
    if type(result) in _LAZY:
        return _inside(result, found)
    attributes: dict[str, Any] = getattr(result, "__dict__", None) or {}
    if type(attributes) is dict:
        for name, value in list(attributes.items()):
            if type(value) in _LAZY:
                if not (name == "_iterator" and _is_stream(result)):
                    attributes[name] = _inside(value, found)
            elif name.endswith(_REQUEST_FUNCTIONS) and callable(value):
                attributes[name] = _calling(value, found)
    return None


def _is_stream(result: object) -> bool:
    """Whether this is a stream of an SDK: its request was sent, and reading it sends none."""
    module = type(result).__module__
    return module.startswith(("anthropic.", "openai.")) and "streaming" in module


def _inside(lazy: Any, found: _Allocation) -> Any:
    """The same generator or coroutine, running in scope."""
    if lazy in _carried_already:
        return lazy
    carried: Any
    steps = functools.partial(_Steps, lambda _: found)
    kind = cast("type[Any]", type(lazy))
    if kind is GeneratorType:
        carried = around_generator(lambda: lazy, steps)()
    elif kind is AsyncGeneratorType:
        carried = around_async_generator(lambda: lazy, steps)()
    else:
        carried = _awaiting(lazy, found)
    carried.__name__, carried.__qualname__ = lazy.__name__, lazy.__qualname__
    _carried_already.add(carried)
    return carried


async def _awaiting(coroutine: Any, found: _Allocation) -> Any:
    token = _attach(found)
    try:
        return await coroutine
    finally:
        _detach(token)


def _calling(function: Callable[..., Any], found: _Allocation) -> Callable[..., Any]:
    @functools.wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        token = _attach(found)
        try:
            return function(*args, **kwargs)
        finally:
            _detach(token)

    return call


@guard("allocation.carried_by")
def carried_by(function: Callable[..., Any]) -> Callable[..., Any] | None:
    """`function`, running in the current scope wherever it is called; None outside any scope."""
    found = _current(otel_context.get_current())
    return None if found is None else _calling(function, found)


@guard("allocation.attach")
def _attach(found: _Allocation) -> Token[Context]:
    return otel_context.attach(_with(found, otel_context.get_current()))


_carried_already: WeakSet[Any] = WeakSet()

_Entered = tuple[Scope, Token[Context] | None, Any]
_entered: ContextVar[_Entered | None] = ContextVar("llmcost-entered", default=None)


@guard("allocation.leave")
def _leave(scope: Scope) -> None:
    """Undo the latest entering of `scope` by this thread or task; nothing if another did it."""
    skipped: list[_Entered] = []
    entry = _entered.get()
    while entry is not None and entry[0] is not scope:
        skipped.append(entry)
        entry = cast("_Entered | None", entry[2])
    if entry is None:
        return
    rest = cast("_Entered | None", entry[2])
    for other in reversed(skipped):
        rest = (other[0], other[1], rest)
    _entered.set(rest)
    _detach(entry[1])


def _detach(token: Token[Context] | None) -> None:
    if token is not None:  # else we failed to attach
        otel_context.detach(token)


def _with(found: _Allocation, context: Context) -> Context:
    context = otel_context.set_value(_KEY, found, context)
    if config.active().baggage:
        from opentelemetry import baggage

        for key, value in found.attributes.items():
            context = baggage.set_baggage(key, value, context)
    return context


def _current(context: Context) -> _Allocation | None:
    found = cast("_Allocation | None", context.get(_KEY))
    if found is None and config.active().baggage:
        return _from_baggage(context)
    return found


def _from_baggage(context: Context) -> _Allocation | None:
    """What an upstream service of the user's sent along."""
    from opentelemetry import baggage

    names = {attribute: name for name, attribute in _NAMES.items()}
    prefix = semconv.ALLOCATION_PREFIX
    attributes = {k: str(v) for k, v in baggage.get_all(context).items() if _is_ours(k)}
    if not attributes:
        return None
    attributes.setdefault(semconv.SCOPE_ID, _new_scope_id())
    values = {
        names.get(key, key.removeprefix(prefix)): value
        for key, value in attributes.items()
        if key != semconv.SCOPE_ID
    }
    return _Allocation(MappingProxyType(values), attributes)


def _is_ours(key: str) -> bool:
    return key.startswith("llmcost.") or key in _NAMES.values()


def _merged(outer: _Allocation | None, values: Mapping[str, str]) -> _Allocation:
    scope_id = (outer and outer.attributes.get(semconv.SCOPE_ID)) or _new_scope_id()
    merged = {**outer.values, **values} if outer else dict(values)
    attributes = {_attribute(name): value for name, value in merged.items()}
    attributes[semconv.SCOPE_ID] = scope_id
    return _Allocation(MappingProxyType(merged), attributes, outer.counters if outer else ())


def _attribute(name: str) -> str:
    return _NAMES.get(name) or semconv.ALLOCATION_PREFIX + name


def _new_scope_id() -> str:
    return os.urandom(8).hex()
