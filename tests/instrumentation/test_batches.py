# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Batch results: few records, stable under a second download; background responses: one record."""

from __future__ import annotations

import decimal
import json
import re
import time
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from otel_llmcost import feature
from otel_llmcost.instrumentation import uninstrument
from otel_llmcost.instrumentation.records.accumulate import CostSum
from otel_llmcost.pricing import price_response
from tests.instrumentation.batch_results import BATCH, response, succeeded
from tests.instrumentation.conftest import Telemetry
from tests.instrumentation.providers_stub import COMPLETION, Api, Chunks, Server, resolve
from tests.instrumentation.sdk_http import httpx


def downloads(server: Server, lines: list[dict[str, Any]]) -> None:
    body = "\n".join(json.dumps(line) for line in lines).encode()
    pieces = [body[i : i + 100] for i in range(0, len(body), 100)]
    headers = {"content-type": "application/x-jsonl"}
    server.queued.append(httpx.Response(200, json=BATCH))
    server.queued.append(httpx.Response(200, headers=headers, stream=Chunks(list(pieces))))


async def test_results_become_one_record_per_model_and_price(
    telemetry: Telemetry, is_async: bool, server: Server
) -> None:
    api = Api("anthropic", is_async, server)
    errored = {"custom_id": "3", "result": {"type": "errored", "error": {"type": "error"}}}
    downloads(server, [succeeded(1), errored, succeeded(2)])
    with feature("collector"):
        results = await resolve(api.client.messages.batches.results("msgbatch_1"))
        assert len(await api.consume(results)) == 3
    record = telemetry.record
    assert record["llmcost.replies"] == 2
    assert record["llmcost.batch.id"] == "msgbatch_1"
    assert record["llmcost.price.mode"] == "batch"
    assert record["gen_ai.usage.output_tokens"] == 10
    assert record["gen_ai.usage.cost.amount"] == pytest.approx(0.000264)  # two at half the price
    assert "llmcost.feature" not in record
    (log,) = telemetry.logs_out.get_finished_logs()
    assert log.log_record.timestamp == 1_793_491_200_000_000_000


async def test_a_second_download_makes_the_same_record(
    telemetry: Telemetry, is_async: bool, server: Server
) -> None:
    api = Api("anthropic", is_async, server)
    for _ in range(2):
        downloads(server, [succeeded(1)])
        await api.consume(await resolve(api.client.messages.batches.results("msgbatch_1")))
    first, second = telemetry.events
    assert first["llmcost.record.id"] == second["llmcost.record.id"]
    assert first["llmcost.start_time_unix_nano"] == second["llmcost.start_time_unix_nano"]
    (cost,) = telemetry.metric_points("gen_ai.client.operation.cost")
    assert cost.value == pytest.approx(0.000132)


async def test_results_are_no_part_of_the_sequence_in_which_losses_are_seen(
    telemetry: Telemetry, is_async: bool, server: Server
) -> None:
    api = Api("anthropic", is_async, server)
    await api.create()
    downloads(server, [succeeded(1)])
    await api.consume(await resolve(api.client.messages.batches.results("msgbatch_1")))
    await api.create()
    before, after = (r for r in telemetry.records if "llmcost.batch.id" not in r)
    (results,) = (r for r in telemetry.records if "llmcost.batch.id" in r)
    assert after["llmcost.record.seq"] == before["llmcost.record.seq"] + 1
    assert results["llmcost.record.seq"] == 0
    assert not re.fullmatch("[0-9a-f]{32}", results["llmcost.record.id"])


async def test_submitting_a_batch_keeps_its_allocation(
    telemetry: Telemetry, is_async: bool, server: Server
) -> None:
    api = Api("anthropic", is_async, server)
    server.queued.append(httpx.Response(200, json={**BATCH, "ended_at": None}))
    with feature("nightly"):
        await resolve(api.client.messages.batches.create(requests=[]))
    record = telemetry.record
    assert record["llmcost.batch.id"] == "msgbatch_1"
    assert record["llmcost.feature"] == "nightly"
    assert record["llmcost.cost.status"] == "not_billed"


def test_an_openai_output_file_is_a_batch_and_other_files_are_not(
    telemetry: Telemetry, server: Server
) -> None:
    api = Api("openai", False, server)
    batch = {
        "id": "batch_1",
        "object": "batch",
        "status": "completed",
        "created_at": 1793487600,
        "completed_at": 1793491200,
        "output_file_id": "file_1",
    }
    usage = {"prompt_tokens": 80, "completion_tokens": 5, "total_tokens": 85}
    body = {**COMPLETION, "usage": usage}
    line = {"id": "r", "custom_id": "1", "response": {"status_code": 200, "body": body}}
    server.queued += [
        httpx.Response(200, json=batch),
        httpx.Response(200, content=json.dumps(line).encode()),
        httpx.Response(200, content=b'{"some": "file"}'),
    ]
    api.client.batches.retrieve("batch_1")
    assert b"custom_id" in api.client.files.content("file_1").content
    assert api.client.files.content("file_2").content == b'{"some": "file"}'
    record = telemetry.record
    assert record["llmcost.batch.id"] == "batch_1"
    assert record["gen_ai.usage.cost.amount"] == pytest.approx(0.000125)  # at half the price


USAGE = {"input_tokens": 10, "output_tokens": 5, "total_tokens": 15}


async def test_a_background_response_is_billed_once_when_it_is_done(
    telemetry: Telemetry, is_async: bool, server: Server
) -> None:
    api = Api("openai", is_async, server)
    done = response("completed", usage=USAGE)
    for body in (response("queued"), response("in_progress"), done, done):
        server.queued.append(httpx.Response(200, json=body))
    with feature("report"):
        create = api.client.responses.create(model="gpt-4o", input="hi", background=True)
        await resolve(create)
    for _ in range(3):
        await resolve(api.client.responses.retrieve("resp_1"))
    record = telemetry.record
    assert record["llmcost.feature"] == "report"
    assert record["gen_ai.usage.cost.amount"] == pytest.approx(7.5e-5)


def test_a_background_response_that_is_not_read_is_unpriced_not_free(
    telemetry: Telemetry, server: Server
) -> None:
    api = Api("openai", False, server)
    server.queued.append(httpx.Response(200, json=response("queued")))
    api.client.responses.create(model="gpt-4o", input="hi", background=True)
    assert telemetry.records == []
    uninstrument()
    assert telemetry.record["llmcost.cost.status"] == "unpriced"
    assert telemetry.record["llmcost.cost.reason"] == "background_pending"
    assert "gen_ai.usage.cost.amount" not in telemetry.record


CREATED = int(time.time()) - 3_600


def in_background(status: str, **more: Any) -> httpx.Response:
    body = response(status, background=True, created_at=CREATED, **more)
    return httpx.Response(200, json=body)


async def test_a_background_response_is_recorded_by_the_process_that_reads_it(
    telemetry: Telemetry, is_async: bool, server: Server
) -> None:
    api = Api("openai", is_async, server)
    server.queued += [
        in_background("queued"),
        *(in_background("completed", usage=USAGE) for _ in range(2)),
    ]
    with feature("worker"):
        for _ in range(3):
            await resolve(api.client.responses.retrieve("resp_1"))
    record = telemetry.record
    assert record["llmcost.feature"] == "worker"
    assert record["gen_ai.usage.cost.amount"] == pytest.approx(7.5e-5)


def test_all_reports_of_a_background_response_are_one_record(
    telemetry: Telemetry, server: Server
) -> None:
    """Its starter, finished or given up, and another process; the store keeps a finished one."""
    api = Api("openai", False, server)
    server.queued += [
        in_background("queued"),
        in_background("completed", usage=USAGE),
        in_background("queued"),
    ]
    for _ in range(2):
        api.client.responses.create(model="gpt-4o", input="hi", background=True)
        if server.queued and server.queued[0].json()["status"] == "completed":
            api.client.responses.retrieve("resp_1")
    uninstrument()
    finished, given_up = telemetry.events
    assert finished["llmcost.record.id"] == given_up["llmcost.record.id"]
    begun = "llmcost.start_time_unix_nano"
    assert finished[begun] == given_up[begun] == CREATED * 1_000_000_000
    assert finished["llmcost.cost.status"] == "priced"
    assert finished["llmcost.replies"] == 1
    assert given_up["llmcost.cost.reason"] == "background_pending"
    assert "llmcost.replies" not in given_up


def test_reading_an_old_response_costs_nothing(telemetry: Telemetry, server: Server) -> None:
    api = Api("openai", False, server)
    server.queued.append(httpx.Response(200, json=response("completed", usage=USAGE)))
    api.client.responses.retrieve("resp_1")
    assert telemetry.records == []


def test_a_sum_is_exact_whatever_decimals_the_application_works_with() -> None:
    at = datetime(2026, 11, 20, tzinfo=UTC)
    usage = {"input_tokens": 123457, "output_tokens": 0}
    one = price_response(
        "anthropic", request={}, response={"model": "claude-opus-5-5", "usage": usage}, at=at
    )
    total = CostSum()
    with decimal.localcontext() as context:
        context.prec = 2
        for _ in range(3):
            total.add(one)
        summed = total.cost()
    assert summed.total == Decimal("1.481484")
    assert [line.amount for line in summed.lines] == [summed.total]
