# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""With LLMCOST_BUDGETS=1 a call that a budget has no room for is never sent."""

from __future__ import annotations

import asyncio
import json
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from otel_llmcost import BudgetExceeded, allocate, feature, schema, uninstrument
from otel_llmcost.instrumentation.budgets import gate
from otel_llmcost.instrumentation.budgets.store import Budget
from otel_llmcost.timezones import timezone
from tests.instrumentation.conftest import Telemetry
from tests.instrumentation.providers_stub import Api, Server, resolve
from tests.instrumentation.sdk_http import httpx

FAR = 4102444800


class StandIn:
    """What the store answers; `requested` are the queries it got."""

    def __init__(self) -> None:
        self.budgets: list[dict[str, Any]] = []
        self.norms: list[dict[str, Any]] = []
        self.nonces: list[str] = []
        self.timezones: list[str] = []
        self.logins: list[str] = []
        self.status = 200

    def budget(self, amount: str, **changes: Any) -> None:
        row = {
            "name": "the budget", "scope": "total", "scope_value": "", "period": "day",
            "action": "block", "amount_usd": amount, "soft_percent": 80, "spent_usd": "0",
            "ends_at": FAR, "newest_own": "",
        }  # fmt: skip
        self.budgets.append({**row, **changes})


@pytest.fixture
def store() -> Iterator[tuple[StandIn, str]]:
    answers = StandIn()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            text = self.rfile.read(int(self.headers["content-length"])).decode()
            answers.logins.append(self.headers["authorization"])
            rows = answers.norms
            if text == schema.query("budget_snapshot"):
                rows = answers.budgets
                given = parse_qs(urlsplit(self.path).query)
                answers.nonces += given["param_nonce"]
                answers.timezones += given["param_timezone"]
            body = "\n".join(json.dumps(row) for row in rows).encode()
            self.send_response(answers.status)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield answers, f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture(autouse=True)
def no_polling(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Tests query the store themselves: nothing depends on a clock."""

    def watch(self: object) -> None: ...

    monkeypatch.setattr(gate.Budgets, "watch", watch)
    yield
    uninstrument()
    gate.forget()


def start(url: str) -> tuple[Telemetry, gate.Budgets]:
    gate.forget()
    telemetry = Telemetry().on(budgets=True, budgets_url=url)
    # Both SDKs are imported by now, so their drivers share it.
    budgets = gate._shared  # pyright: ignore[reportPrivateUsage]
    assert budgets is not None
    budgets.refresh()
    return telemetry, budgets


def test_periods_are_those_of_the_zone_of_the_application(store: tuple[StandIn, str]) -> None:
    answers, url = store
    start(url)
    gate.forget()
    Telemetry().on(budgets=True, budgets_url=url, timezone=timezone("Asia/Kolkata"))
    budgets = gate._shared  # pyright: ignore[reportPrivateUsage]
    assert budgets is not None
    budgets.refresh()
    assert answers.timezones == ["UTC", "Asia/Kolkata"]


def committed(budgets: gate.Budgets) -> Decimal:
    """USD spent and reserved of the only budget."""
    found: list[tuple[Budget, Decimal]] = []

    def look(concerned: list[tuple[Budget, Decimal]]) -> bool:
        found.extend(concerned)
        return False

    ledger = budgets._ledger  # pyright: ignore[reportPrivateUsage]
    assert ledger.admit({"total": ""}, look, Decimal(0), 0.0, 0.0) is None
    return found[0][1]


def decisions(telemetry: Telemetry) -> list[Any]:
    logs = telemetry.logs_out.get_finished_logs()
    found = [log.log_record for log in logs if log.log_record.event_name == "llmcost.budget"]
    return [record.attributes for record in found]


async def test_a_call_beyond_a_blocking_budget_is_not_sent(
    store: tuple[StandIn, str], api: Api, server: Server
) -> None:
    answers, url = store
    answers.budget("20", spent_usd="20")
    telemetry, _ = start(url)
    with pytest.raises(BudgetExceeded, match=r"the budget.*\$20\.0000 of \$20 this day"):
        await api.create()
    assert not server.requests  # pyright: ignore[reportUnknownMemberType] - requests of either httpx
    assert telemetry.own_spans == []
    (decision,) = decisions(telemetry)
    assert decision["llmcost.budget.decision"] == "blocked"
    assert decision["llmcost.budget.name"] == "the budget"
    assert decision["llmcost.budget.committed"] == "20"


async def test_no_budget_holds_a_call_that_a_customer_pays_for(
    store: tuple[StandIn, str], is_async: bool, server: Server
) -> None:
    answers, url = store
    answers.budget("20", spent_usd="20")
    telemetry, _ = start(url)
    api = Api("anthropic", is_async, server)
    body = {"billing_policy": {"type": "billing_policy", "bill_to": "user_profile"}}
    await resolve(api.resource.create(**api.arguments(), extra_body=body))
    assert telemetry.record["llmcost.cost.status"] == "not_billed"
    assert decisions(telemetry) == []


async def test_a_call_within_the_budget_passes_unchanged(
    store: tuple[StandIn, str], api: Api
) -> None:
    answers, url = store
    answers.budget("20")
    telemetry, _ = start(url)
    await api.create()
    assert telemetry.record["llmcost.cost.status"] == "priced"
    assert decisions(telemetry) == []


async def test_a_warning_budget_lets_the_call_through_and_says_so_once(
    store: tuple[StandIn, str], api: Api, caplog: pytest.LogCaptureFixture
) -> None:
    answers, url = store
    answers.budget("20", spent_usd="21", action="warn")
    telemetry, _ = start(url)
    await api.create()
    await api.create()
    assert [d["llmcost.budget.decision"] for d in decisions(telemetry)] == ["warned"]
    assert "$21.0000 of $20" in caplog.text


@pytest.mark.parametrize(
    ("scope", "value"),
    [("feature", "search"), ("team", "docs"), ("user", "u1"), ("total", "")],
)
async def test_a_budget_holds_for_its_own_calls_only(
    store: tuple[StandIn, str], api: Api, scope: str, value: str
) -> None:
    answers, url = store
    answers.budget("1", spent_usd="2", scope=scope, scope_value=value)
    start(url)
    with pytest.raises(BudgetExceeded), feature("search", team="docs"), allocate(user="u1"):
        await api.create()
    if scope != "total":
        with feature("other", team="web"), allocate(user="u2"):
            await api.create()


async def test_a_budget_of_a_model_holds_for_that_model(
    store: tuple[StandIn, str], api: Api
) -> None:
    answers, url = store
    answers.budget("1", spent_usd="2", scope="model", scope_value=api.model)
    start(url)
    with pytest.raises(BudgetExceeded):
        await api.create()


async def test_what_this_process_spent_counts_before_the_store_has_it(
    store: tuple[StandIn, str], api: Api
) -> None:
    answers, url = store
    telemetry, budgets = start(url)
    await api.create()
    cost = telemetry.record["gen_ai.usage.cost.amount"]
    answers.budget(f"{cost:.12f}")
    budgets.refresh()
    with pytest.raises(BudgetExceeded):
        await api.create()


async def test_what_the_store_has_seen_of_this_process_does_not_count_twice(
    store: tuple[StandIn, str], api: Api
) -> None:
    answers, url = store
    telemetry, budgets = start(url)
    await api.create()
    record = telemetry.record
    cost = record["gen_ai.usage.cost.amount"]
    answers.budget("1", spent_usd=f"{cost:.12f}", newest_own=record["llmcost.record.id"])
    budgets.refresh()
    assert float(committed(budgets)) == pytest.approx(cost)
    assert answers.nonces[-1] == record["llmcost.record.id"][:16]


async def test_calls_at_once_cannot_all_fit_the_last_cent(store: tuple[StandIn, str]) -> None:
    answers, url = store
    api = Api("anthropic", True, Server())
    answers.norms = [{"feature": "search", "model": api.model, "p99_usd": "0.004"}]
    answers.budget("0.01")
    start(url)
    with feature("search"):
        open_streams = [await api.open_stream(max_tokens=16000) for _ in range(2)]
        with pytest.raises(BudgetExceeded, match=r"\$0\.0080 of \$0\.01"):
            await api.create(max_tokens=16000)
        for stream in open_streams:
            await api.consume(stream)
        # What they cost is less than what was put aside for them.
        await api.create(max_tokens=16000)


@pytest.fixture
def hasty_threads() -> Iterator[None]:
    """Threads are switched at every opportunity."""
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(interval)


@pytest.mark.usefixtures("hasty_threads")
def test_threads_cannot_pass_a_limit_together(store: tuple[StandIn, str]) -> None:
    answers, url = store
    answers.budget("1.00")
    start(url)
    release = threading.Event()

    def slow(request: httpx.Request) -> httpx.Response:
        release.wait(30)
        return server(request)

    server = Server()
    api = Api("anthropic", False, slow)  # type: ignore[arg-type]
    wanted = {"max_tokens": 40_000, "stream": True}  # x $15 per million: $0.60 each

    def call(_: int) -> bool:
        try:
            stream = asyncio.run(api.create(**wanted))
        except BudgetExceeded:
            return False
        stream.close()
        return True

    for _ in range(5):
        release.clear()
        with ThreadPoolExecutor(50) as pool:
            sent = [pool.submit(call, number) for number in range(50)]
            try:
                for _ in range(3000):
                    if sum(future.done() for future in sent) == 49:
                        break
                    time.sleep(0.01)
                assert sum(future.done() for future in sent) == 49
            finally:
                release.set()
        assert sum(future.result() for future in sent) == 1


async def test_what_a_call_cost_takes_the_place_of_its_reservation_in_one_step(
    store: tuple[StandIn, str], api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers, url = store
    answers.budget("100")
    _, budgets = start(url)
    seen: list[Decimal] = []
    ledger = budgets._ledger  # pyright: ignore[reportPrivateUsage]
    release = ledger.release
    monkeypatch.setattr(ledger, "release", lambda r: (release(r), seen.append(committed(budgets))))
    await api.create()
    assert all(amount > 0 for amount in seen)
    assert committed(budgets) > 0


async def test_a_budget_per_call_blocks_the_call_that_may_cost_more(
    store: tuple[StandIn, str],
) -> None:
    answers, url = store
    answers.budget("0.25", period="call", spent_usd="3")
    start(url)
    api = Api("anthropic", False, Server())
    await api.create(max_tokens=100)
    with pytest.raises(BudgetExceeded, match=r"\$0.25 per call"):
        await api.create(max_tokens=20_000)


LIMITS = ["10**9", "10**30", "10**400", "1e308", "float('inf')", "'100000'", "10**5"]
NO_LIMITS = ["-(10**9)", "-1", "0", "None", "True", "float('nan')", "'x'", "[1]"]


@pytest.mark.parametrize("limit", LIMITS)
async def test_no_output_limit_switches_a_budget_off(
    store: tuple[StandIn, str], api: Api, server: Server, limit: str
) -> None:
    answers, url = store
    answers.budget("0.25")
    start(url)
    with pytest.raises(BudgetExceeded):
        await api.create(stream=True, max_tokens=eval(limit))
    assert not server.requests  # pyright: ignore[reportUnknownMemberType] - requests of either httpx


@pytest.mark.parametrize("limit", NO_LIMITS)
async def test_no_output_limit_frees_money_in_a_budget(
    store: tuple[StandIn, str], api: Api, limit: str
) -> None:
    answers, url = store
    answers.budget("0.25", spent_usd="0.25")
    start(url)
    with pytest.raises(BudgetExceeded):
        await api.create(stream=True, max_tokens=eval(limit))


async def test_an_absurd_limit_of_a_call_loses_no_record(telemetry: Telemetry, api: Api) -> None:
    await api.consume(await api.open_stream(max_tokens=10**30))
    assert telemetry.record["llmcost.cost.status"] == "priced"
    assert "gen_ai.request.max_tokens" not in telemetry.record


async def test_a_stream_holds_its_reservation_until_it_ends(
    store: tuple[StandIn, str], api: Api
) -> None:
    answers, url = store
    answers.budget("100")
    telemetry, budgets = start(url)
    reserved = budgets._ledger._reserved  # pyright: ignore[reportPrivateUsage]
    stream = await api.open_stream()
    assert len(reserved) == 1
    await api.consume(stream)
    assert reserved == {}
    cost = telemetry.record["gen_ai.usage.cost.amount"]
    assert float(committed(budgets)) == pytest.approx(cost)


async def test_a_failed_call_gives_its_reservation_back(
    store: tuple[StandIn, str], api: Api, server: Server
) -> None:
    answers, url = store
    answers.budget("100")
    _, budgets = start(url)
    server.queued = [httpx.Response(400, json={})]
    with pytest.raises(Exception, match="400"):
        await api.create()
    assert committed(budgets) == 0


async def test_budgets_fail_open_when_the_store_is_away(
    api: Api, caplog: pytest.LogCaptureFixture
) -> None:
    telemetry, budgets = start("http://127.0.0.1:9")
    budgets.refresh()
    await api.create()
    assert telemetry.record["llmcost.cost.status"] == "priced"
    assert caplog.text.count("none is enforced") == 1


async def test_a_store_that_refuses_is_as_one_that_is_away(
    store: tuple[StandIn, str], api: Api, caplog: pytest.LogCaptureFixture
) -> None:
    answers, url = store
    answers.budget("1", spent_usd="2")
    answers.status = 403
    start(url)
    await api.create()
    assert "answered 403" in caplog.text


async def test_a_period_that_ended_blocks_nothing_until_the_store_was_queried_again(
    store: tuple[StandIn, str], api: Api
) -> None:
    answers, url = store
    answers.budget("1", spent_usd="2", ends_at=1)
    start(url)
    await api.create()


async def test_without_the_switch_budgets_are_not_queried(
    store: tuple[StandIn, str], api: Api
) -> None:
    answers, url = store
    answers.budget("1", spent_usd="2")
    telemetry = Telemetry().on(budgets_url=url)
    await api.create()
    assert answers.logins == []
    assert telemetry.record["llmcost.cost.status"] == "priced"
