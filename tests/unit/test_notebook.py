# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""`%%llmcost` in a real IPython shell."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from IPython.core.interactiveshell import InteractiveShell

from otel_llmcost.instrumentation import uninstrument


@pytest.fixture
def shell(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> Iterator[InteractiveShell]:
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path))
    shell = InteractiveShell()
    shell.history_manager.enabled = False
    shell.run_line_magic("load_ext", "otel_llmcost")
    yield shell
    uninstrument()


def test_a_cell_prints_what_its_calls_cost(
    shell: InteractiveShell, capsys: pytest.CaptureFixture[str]
) -> None:
    shell.user_ns["create"] = _client()
    result = shell.run_cell("%%llmcost\nanswer = create()\n6 * 7")
    assert result.success
    assert "$0.0045 for 1 call, 1,000 input tokens, 100 output tokens" in capsys.readouterr().out
    assert shell.user_ns["answer"].model == "claude-sonnet-4-6"


def test_a_cell_that_fails_prints_its_cost_and_fails(
    shell: InteractiveShell, capsys: pytest.CaptureFixture[str]
) -> None:
    shell.user_ns["create"] = _client()
    result = shell.run_cell("%%llmcost\ncreate()\n1 / 0")
    assert not result.success
    shown = capsys.readouterr().out
    assert shown.count("division by zero") == 1
    assert "$0.0045 for 1 call" in shown


def test_a_cell_that_awaits_is_refused_with_what_to_do(
    shell: InteractiveShell, capsys: pytest.CaptureFixture[str]
) -> None:
    assert not shell.run_cell("%%llmcost\nimport asyncio\nawait asyncio.sleep(0)").success
    assert "use `async with otel_llmcost.measure() as m:`" in capsys.readouterr().out


def _client() -> Any:
    import anthropic

    from tests.instrumentation.sdk_http import httpx

    reply = {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": "claude-sonnet-4-6",
        "content": [],
        "stop_reason": "end_turn",
        "stop_sequence": None,
        "usage": {"input_tokens": 1000, "output_tokens": 100},
    }
    transport = httpx.MockTransport(lambda _: httpx.Response(200, json=reply))
    client: Any = anthropic.Anthropic(api_key="k", http_client=httpx.Client(transport=transport))
    messages = [{"role": "user", "content": "hi"}]
    return lambda: client.messages.create(
        model="claude-sonnet-4-6", max_tokens=9, messages=messages
    )
