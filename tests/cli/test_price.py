# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Command, rows

MESSAGE: dict[str, Any] = {
    "id": "msg_1",
    "type": "message",
    "model": "claude-opus-5",
    "usage": {"input_tokens": 1000, "cache_read_input_tokens": 2000, "output_tokens": 100},
}
CHAT: dict[str, Any] = {
    "id": "chatcmpl-1",
    "object": "chat.completion",
    "created": 1793500000,
    "model": "gpt-5.5",
    "usage": {"prompt_tokens": 10, "completion_tokens": 5},
}
# claude-opus-5: $5 input, $0.50 cache read, $25 output per million tokens.
MESSAGE_USD = Decimal("0.0085")


def wrapped(**more: Any) -> dict[str, Any]:
    return {"provider": "anthropic", "response": MESSAGE, "at": "2026-11-01", **more}


def test_a_bare_reply_is_recognised_and_priced(cli: Command) -> None:
    result = cli("price", "-", "--at", "2026-11-01", "--format", "json", input=json.dumps(MESSAGE))
    (row,) = rows(result)
    assert (row["provider"], row["model"], row["status"]) == (
        "anthropic",
        "claude-opus-5",
        "priced",
    )
    assert Decimal(str(row["cost_usd"])) == MESSAGE_USD
    assert row["input_tokens"] == 3000


@pytest.mark.parametrize("pretty", [None, 2])
@pytest.mark.parametrize("shape", ["object", "array", "lines"])
def test_objects_arrays_and_lines_are_read(
    cli: Command, tmp_path: Path, shape: str, pretty: int | None
) -> None:
    items = [wrapped(), CHAT]
    if shape == "lines":
        text = "\n\n".join(json.dumps(item) for item in items)
    else:
        text = json.dumps(items if shape == "array" else items[0], indent=pretty)
    file = tmp_path / "replies.json"
    file.write_text(text)
    found = rows(cli("price", str(file), "--format", "json"))
    assert len(found) == (1 if shape == "object" else 2)
    assert all(row["cost_usd"] for row in found)


def test_explain_shows_every_line_and_they_add_up(cli: Command) -> None:
    result = cli("price", "-", "--explain", "--format", "json", input=json.dumps(wrapped()))
    lines = rows(result)
    assert [line["bucket"] for line in lines] == ["input", "cache_read", "output"]
    assert sum(Decimal(str(line["amount_usd"])) for line in lines) == MESSAGE_USD
    assert all(line["source"].startswith("https://") for line in lines)
    table = cli("price", "-", "--explain", input=json.dumps(wrapped())).stdout
    assert "0.0085" in table.splitlines()[-2]


def test_what_the_client_knows_rides_in_the_request(cli: Command) -> None:
    request = {"client": {"base_url": "http://localhost:4000"}}
    plain = rows(cli("price", "-", "--format", "json", input=json.dumps(wrapped())))
    batch = json.dumps(wrapped(request={"client": {"batch": True}}))
    (row,) = rows(cli("price", "-", "--format", "json", input=batch))
    assert row["cost_usd"] == plain[0]["cost_usd"] / 2
    foreign = cli("price", "-", "--format", "json", input=json.dumps(wrapped(request=request)))
    assert json.loads(foreign.stdout)[0]["reason"] == "unknown_host"


def test_an_unknown_model_is_unknown_and_exits_1(cli: Command) -> None:
    reply = wrapped(response={**MESSAGE, "model": "claude-nonesuch"})
    result = cli("price", "-", input=json.dumps(reply))
    assert result.exit_code == 1
    assert "unknown_model" in result.stdout
    assert "unknown" in result.stdout
    assert "1 of 1 replies could not be priced" in result.stderr


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "the file is empty"),
        ("{", "line 1: not JSON"),
        ('{\n "id": 1,\n oops\n}', "line 3: not JSON"),
        ('{"type": "message"}\n{"b": \n', "line 2: not JSON"),
        ("[1]", "item 1: expected a JSON object"),
        ('{"hello": 1}', "add --provider"),
        ('{"response": {}, "provider": 7}', "add --provider"),
        ('{"response": {}, "provider": "openai", "at": "noon"}', "cannot read 'noon'"),
    ],
)
def test_a_file_that_cannot_be_read_says_where(cli: Command, text: str, problem: str) -> None:
    result = cli("price", "-", input=text)
    assert (result.exit_code, result.stdout) == (1, "")
    assert problem in result.stderr
    assert len(result.stderr.splitlines()) == 1


def test_bytes_that_are_no_text_are_refused(cli: Command, tmp_path: Path) -> None:
    file = tmp_path / "x"
    file.write_bytes(b"\xff\xfe\x00")
    result = cli("price", str(file))
    assert result.exit_code == 1
    assert "cannot read" in result.stderr


def test_prices_list_and_show_come_from_the_book(cli: Command) -> None:
    listed = rows(cli("prices", "list", "--provider", "anthropic", "--format", "json"))
    opus = next(row for row in listed if row["model"] == "claude-opus-5")
    assert (opus["input"], opus["output"]) == (5, 25)
    shown = rows(cli("prices", "show", "claude-opus-5", "--at", "2026-11-01", "--format", "json"))
    assert all("claude-opus-5" in row["model"] for row in shown)
    assert all(row["source"].startswith("https://") for row in shown)


def test_a_model_without_a_price_is_said(cli: Command) -> None:
    result = cli("prices", "show", "gpt-nonesuch")
    assert result.exit_code == 1
    assert "LLMCOST_PRICES" in result.stderr
