# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Tags follow the code they were put on, and nothing else."""

from __future__ import annotations

import asyncio
import inspect
import threading
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Coroutine, Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from opentelemetry import baggage
from opentelemetry import context as otel_context

from otel_llmcost import allocation, config, tags
from otel_llmcost.allocation import allocate, current_allocation, current_attributes, feature
from otel_llmcost.instrumentation.patching import thread_context


def now() -> dict[str, str]:
    return dict(current_allocation())


def scope() -> str:
    return current_attributes()["llmcost.scope.id"]


@pytest.fixture(autouse=True)
def nothing_leaks() -> Iterator[None]:
    assert now() == {}
    yield
    assert now() == {}


def test_nested_scopes_merge_and_the_inner_wins() -> None:
    with feature("outer", team="a", tier="gold"):
        with allocate(team="b", user="u1"):
            assert now() == {"feature": "outer", "team": "b", "tier": "gold", "user": "u1"}
        assert now() == {"feature": "outer", "team": "a", "tier": "gold"}


def test_known_names_have_attributes_of_their_own() -> None:
    with feature("f", user="u", session="s", conversation="c", team="t"):
        attributes = dict(current_attributes())
    del attributes["llmcost.scope.id"]
    assert attributes == {
        "llmcost.feature": "f",
        "user.id": "u",
        "session.id": "s",
        "gen_ai.conversation.id": "c",
        "llmcost.allocation.team": "t",
    }


def test_the_scope_is_that_of_the_outermost() -> None:
    with allocate(user="u"):
        first = scope()
        with feature("inner"):
            assert scope() == first
    with allocate(user="u"):
        assert scope() != first


def test_the_allocation_is_read_only() -> None:
    with feature("f"), pytest.raises(TypeError):
        current_allocation()["feature"] = "x"  # type: ignore[index]


def test_a_function_is_tagged_while_it_runs_also_recursively() -> None:
    seen: list[tuple[dict[str, str], str]] = []

    @feature("f")
    def down(depth: int) -> int:
        """Doc."""
        seen.append((now(), scope()))
        return depth and down(depth - 1)

    down(3)
    assert [values for values, _ in seen] == [{"feature": "f"}] * 4
    assert len({scope_id for _, scope_id in seen}) == 1
    assert down.__doc__ == "Doc."
    assert list(inspect.signature(down).parameters) == ["depth"]


async def test_a_coroutine_function_stays_one_and_is_tagged_across_awaits() -> None:
    @feature("f")
    async def work(name: str) -> dict[str, str]:
        with allocate(user=name):
            await asyncio.sleep(0)
            return now()

    assert inspect.iscoroutinefunction(work)
    both = await asyncio.gather(work("a"), work("b"))
    assert both == [{"feature": "f", "user": "a"}, {"feature": "f", "user": "b"}]


def test_a_generator_is_tagged_only_while_its_body_runs() -> None:
    @feature("f")
    def numbers() -> Iterator[Any]:
        received = yield now(), scope()
        with allocate(user=received):
            yield now(), scope()
            yield now(), scope()

    assert inspect.isgeneratorfunction(numbers)
    run: Any = numbers()
    first, first_scope = next(run)
    assert now() == {}
    with feature("consumer"):
        second, second_scope = run.send("u")
        assert now() == {"feature": "consumer"}
        third, _ = next(run)
    assert first == {"feature": "f"}
    assert second == third == {"feature": "f", "user": "u"}
    assert first_scope == second_scope
    run.close()


def test_a_generators_return_value_errors_and_close_work_as_ever() -> None:
    events: list[object] = []

    @feature("f")
    def body() -> Any:
        try:
            yield 1
        except ValueError:
            events.append(now())
            yield 2
        finally:
            events.append("closed")
        return 3

    run = body()
    assert next(run) == 1
    assert run.throw(ValueError()) == 2
    with pytest.raises(StopIteration) as stop:
        next(run)
    assert stop.value.value == 3
    other = body()
    next(other)
    other.close()
    assert events == [{"feature": "f"}, "closed", "closed"]


async def test_an_async_generator_is_tagged_only_while_its_body_runs() -> None:
    closed: list[dict[str, str]] = []

    @feature("f")
    async def body() -> AsyncIterator[dict[str, str]]:
        try:
            while True:
                await asyncio.sleep(0)
                yield now()
        finally:
            closed.append(now())

    assert inspect.isasyncgenfunction(body)
    run: Any = body()
    async for seen in run:
        assert seen == {"feature": "f"}
        assert now() == {}
        break
    await run.aclose()
    assert closed == [{"feature": "f"}]


def test_one_object_may_be_entered_again_while_it_is_entered() -> None:
    tag = feature("f")
    with tag, tag:
        assert now() == {"feature": "f"}
    assert now() == {}


async def test_one_object_works_in_with_and_async_with() -> None:
    tag = allocate(user="u")
    async with tag:
        assert now() == {"user": "u"}
    with tag:
        assert now() == {"user": "u"}


def test_one_object_may_be_entered_by_many_threads_at_once() -> None:
    tag = feature("f")

    def work(number: int) -> bool:
        with allocate(user=str(number)):
            with tag:
                inside = now() == {"feature": "f", "user": str(number)}
            return inside and now() == {"user": str(number)}

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(work, range(200)))


def test_an_exception_leaves_the_scope() -> None:
    with pytest.raises(ZeroDivisionError), feature("f"):
        raise ZeroDivisionError


def test_leaving_in_another_order_or_thread_never_raises() -> None:
    one, two = feature("one"), feature("two")
    one.__enter__()
    two.__enter__()
    one.__exit__(None, None, None)
    two.__exit__(None, None, None)
    two.__exit__(None, None, None)
    otel_context.attach(otel_context.Context())


@pytest.mark.parametrize("value", ["", " ", "x" * 201, ["list"], {"a": 1}, b"bytes", object()])
def test_a_bad_value_is_dropped_with_one_warning(
    value: object, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tags, "_warned", set())
    for _ in range(2):
        with allocate(user="u", team=value):
            assert now() == {"user": "u"}
    assert len(caplog.records) == 1


def test_a_bad_key_is_dropped_and_none_is_absent() -> None:
    with allocate(**{"no spaces!": "x", "team": None, "n": 7}):
        assert now() == {"n": "7"}


def test_the_decorator_without_a_name_still_returns_the_function() -> None:
    @feature
    def job() -> dict[str, str]:
        return now()

    assert job() == {"feature": "job"}


def test_static_and_class_methods_can_be_tagged() -> None:
    class Service:
        @feature("s")
        @staticmethod
        def static() -> dict[str, str]:
            return now()

        @feature("c")
        @classmethod
        def of_class(cls) -> dict[str, str]:
            return now()

        @feature("m")
        def method(self) -> dict[str, str]:
            return now()

    assert Service.static() == {"feature": "s"}
    assert Service.of_class() == {"feature": "c"}
    assert Service().method() == {"feature": "m"}


def test_nothing_is_put_into_baggage_by_default() -> None:
    with feature("f", user="u"):
        assert not baggage.get_all()


def test_baggage_carries_the_allocation_to_services_of_the_users_own() -> None:
    config.use(config.Config(baggage=True))
    with feature("f", team="t"):
        carried = dict(baggage.get_all())
        expected = dict(current_attributes())
        assert carried == expected
        assert not baggage.get_all(allocation.private(otel_context.get_current()))
    context = otel_context.Context()
    for key, value in carried.items():
        context = baggage.set_baggage(key, value, context)
    token = otel_context.attach(context)
    try:
        assert now() == {"feature": "f", "team": "t"}
        assert dict(current_attributes()) == expected
        with allocate(user="u"):
            assert scope() == expected["llmcost.scope.id"]
    finally:
        otel_context.detach(token)


# What is used after the function that returned it


def seen() -> str | None:
    """The feature that a call made here would be tagged with."""
    return current_allocation().get("feature")


class Holder:
    """As the responses of Starlette, Flask and Django: holds what is run later."""

    def __init__(self, lazy: object) -> None:
        self.body_iterator = lazy


class Manager:
    """As the SDKs' stream managers."""

    def __init__(self, send: Callable[[], object]) -> None:
        self.__api_request = send

    def __enter__(self) -> object:
        return self.__api_request()

    def __exit__(self, *_: object) -> None: ...


def numbers() -> Generator[str | None, str, str]:
    sent = yield seen()
    yield sent
    return "end"


async def anumbers() -> AsyncGenerator[str | None, str]:
    sent = yield seen()
    yield sent


async def later() -> str | None:
    await asyncio.sleep(0)
    return seen()


def test_a_generator_that_a_function_returns_runs_in_its_scope() -> None:
    @feature("chat", team="docs")
    def answer() -> Generator[str | None, str, str]:
        return numbers()

    made = answer()
    assert inspect.isgenerator(made)
    assert made.__name__ == "numbers"
    assert next(made) == "chat"
    assert seen() is None
    assert made.send("sent") == "sent"
    with pytest.raises(StopIteration) as stopped:
        next(made)
    assert stopped.value.value == "end"


async def test_what_an_async_function_returns_runs_in_its_scope() -> None:
    @feature("chat")
    async def answer() -> Holder:
        return Holder(anumbers())

    made: Any = (await answer()).body_iterator
    assert inspect.isasyncgen(made)
    assert await anext(made) == "chat"
    assert await made.asend("sent") == "sent"
    assert seen() is None


async def test_a_coroutine_that_a_function_returns_runs_in_its_scope() -> None:
    @feature("chat")
    def answer() -> Coroutine[Any, Any, str | None]:
        return later()

    coroutine = answer()
    assert inspect.iscoroutine(coroutine)
    assert await coroutine == "chat"
    assert seen() is None


def test_a_manager_sends_its_request_in_the_scope_it_was_made_in() -> None:
    @feature("chat")
    def answer() -> Manager:
        return Manager(seen)

    with answer() as found:
        assert found == "chat"
    assert seen() is None


def test_parts_of_one_run_share_its_scope_and_allocation() -> None:
    scopes: list[object] = []

    def part() -> Generator[None]:
        scopes.append(current_attributes()["llmcost.scope.id"])
        yield

    @feature("chat", team="docs")
    def answer() -> Holder:
        scopes.append(current_attributes()["llmcost.scope.id"])
        return Holder(part())

    with allocate(user="u1"):
        held: Any = answer()
    list(held.body_iterator)
    assert len(set(scopes)) == 1
    assert len(scopes) == 2


def test_what_is_handed_on_is_not_wrapped_twice_and_the_inner_function_wins() -> None:
    inner = feature("inner")(lambda: numbers())
    outer = feature("outer")(lambda: inner())
    made = inner()
    assert feature("outer")(lambda: made)() is made
    assert next(outer()) == "inner"


def test_values_come_back_as_they_are() -> None:
    holder, text, items = Holder([1]), "text", [numbers()]
    for value in (holder, text, items, None, 3, len, Holder):
        assert feature("chat")(lambda value=value: value)() is value
    assert holder.body_iterator == [1]


def test_closing_and_throwing_reach_a_returned_generator() -> None:
    ended: list[str | None] = []

    def careful() -> Generator[int]:
        try:
            yield 1
        except KeyError:
            yield 2
        finally:
            ended.append(seen())

    made = feature("chat")(lambda: careful())()
    next(made)
    assert made.throw(KeyError()) == 2
    made.close()
    assert ended == ["chat"]


# Text that no exporter can encode


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("CORP\ud800nina", "CORP\ufffdnina"),
        ("\udcff", "\ufffd"),
        ("\udc00\ud800", "\ufffd\ufffd"),
        ("\ud83d\ude00", "\U0001f600"),
        ("\u6f22 \U0001f600", "\u6f22 \U0001f600"),
    ],
)
def test_lone_surrogates_are_replaced_with_one_warning(
    caplog: pytest.LogCaptureFixture, given: str, kept: str
) -> None:
    tags._warned.clear()  # pyright: ignore[reportPrivateUsage]
    for _ in range(2):
        with feature(given, user=given):
            assert dict(current_allocation()) == {"feature": kept, "user": kept}
            current_allocation()["feature"].encode()
    warnings = [r for r in caplog.records if "no valid text" in r.getMessage()]
    assert len(warnings) == (given != kept)


# Threads


@pytest.fixture
def threads() -> Iterator[None]:
    thread_context.install()
    yield
    thread_context.remove()


class Worker(threading.Thread):
    """Overrides `run` without calling the base class."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: str | None = "nothing"

    def run(self) -> None:
        self.seen = seen()


@pytest.mark.usefixtures("threads")
def test_threads_started_inside_are_inside() -> None:
    found: list[str | None] = []
    with feature("chat"):
        plain = threading.Thread(target=lambda: found.append(seen()))
        timer = threading.Timer(0, lambda: found.append(seen()))
        worker = Worker()
        for thread in (plain, timer, worker):
            thread.start()
    for thread in (plain, timer, worker):
        thread.join()
        assert "run" not in vars(thread)
    assert [*found, worker.seen] == ["chat"] * 3


@pytest.mark.usefixtures("threads")
def test_tasks_of_a_pool_are_in_the_scope_they_were_submitted_in() -> None:
    with ThreadPoolExecutor(1) as pool:
        with feature("first"):
            assert pool.submit(seen).result() == "first"
            assert list(pool.map(lambda _: seen(), range(2))) == ["first"] * 2
        # The thread was started in a scope, and outlives it.
        assert pool.submit(seen).result() is None
        with feature("second"):
            assert pool.submit(seen).result() == "second"


@pytest.mark.usefixtures("threads")
async def test_tasks_of_an_executor_are_in_scope() -> None:
    loop = asyncio.get_running_loop()
    with feature("chat"):
        assert await loop.run_in_executor(None, seen) == "chat"
        assert await asyncio.to_thread(seen) == "chat"
    assert await loop.run_in_executor(None, seen) is None


def test_the_standard_library_is_left_as_it_was() -> None:
    before = threading.Thread.start, ThreadPoolExecutor.submit
    thread_context.install()
    thread_context.install()
    inside = threading.Thread.start, ThreadPoolExecutor.submit
    assert inside != before
    assert inside[0].__name__ == "start"
    thread_context.remove()
    assert (threading.Thread.start, ThreadPoolExecutor.submit) == before
    with feature("chat"), ThreadPoolExecutor(1) as pool:
        assert pool.submit(seen).result() is None
