# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from otel_llmcost.pricing.rules import RULES
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
JSON = ("--format", "json")
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
    *_, total, _, source = table.splitlines()
    assert "0.0085" in total
    assert source == f"[1] {lines[0]['source']}"
    assert all("[1]" in line for line in table.splitlines() if "cache_read" in line)


def test_below_a_bill_stands_what_its_rules_say(cli: Command) -> None:
    said = cli("price", "-", "--explain", input=json.dumps(wrapped())).stderr
    assert f"anthropic 13: {RULES['anthropic 13']}." in said
    piped = cli("price", "-", "--explain", "--format", "json", input=json.dumps(wrapped()))
    assert piped.stderr == ""


def test_a_batch_result_file_of_anthropic_is_priced_at_batch_prices(cli: Command) -> None:
    lines = [
        {"custom_id": "a", "result": {"type": "succeeded", "message": MESSAGE}},
        {"custom_id": "b", "result": {"type": "errored", "error": {"type": "invalid_request"}}},
        {"custom_id": "c", "result": {"type": "expired"}},
        {"custom_id": "d", "result": {"type": "canceled"}},
    ]
    text = "\n".join(json.dumps(line) for line in lines)
    result = cli("price", "-", "--at", "2026-11-01", "--format", "json", input=text)
    priced, *failed = rows(result)
    assert Decimal(str(priced["cost_usd"])) == MESSAGE_USD / 2
    assert [(row["status"], row["reason"], row["cost_usd"]) for row in failed] == [
        ("not_billed", "errored", 0),
        ("not_billed", "expired", 0),
        ("not_billed", "canceled", 0),
    ]
    assert "3 of 4 batch lines failed and are not billed" in result.stderr
    assert "1 canceled, 1 errored, 1 expired" in result.stderr


def test_output_and_error_files_of_openai_are_priced_at_batch_prices(cli: Command) -> None:
    def line(**more: Any) -> str:
        return json.dumps({"id": "batch_req_1", "custom_id": "a", "error": None, **more})

    def response(status: int, body: Any) -> dict[str, Any]:
        return {"status_code": status, "request_id": "r", "body": body}

    embedding = {"object": "list", "model": "text-embedding-3-small", "data": []}
    text = "\n".join(
        [
            line(response=response(200, CHAT)),
            line(response=response(200, {**embedding, "usage": {"prompt_tokens": 1_000_000}})),
            line(response=response(400, {"error": {"code": "bad"}})),
            line(response=None, error={"code": "batch_expired", "message": "too late"}),
        ]
    )
    result = cli("price", "-", "--at", "2026-11-01", "--format", "json", input=text)
    chat, embedded, refused, expired = rows(result)
    # gpt-5.5 costs $5 and $30 per million tokens, text-embedding-3-small $0.02; half in batches.
    assert Decimal(str(chat["cost_usd"])) == Decimal("0.0001")
    assert Decimal(str(embedded["cost_usd"])) == Decimal("0.01")
    assert (refused["reason"], expired["reason"]) == ("http 400", "batch_expired")
    assert refused["cost_usd"] == expired["cost_usd"] == 0
    assert "2 of 4 batch lines failed" in result.stderr


def test_a_batch_line_without_the_message_it_promises_is_unknown_not_free(cli: Command) -> None:
    lost = json.dumps({"custom_id": "a", "result": {"type": "succeeded", "message": None}})
    empty = {"status_code": 200, "request_id": "r", "body": {}}
    gone = json.dumps({"id": "b", "custom_id": "b", "response": empty, "error": None})
    result = cli("price", "-", "--format", "json", input=f"{lost}\n{gone}")
    assert result.exit_code == 1
    assert [row["status"] for row in json.loads(result.stdout)] == ["unpriced", "unpriced"]


def test_a_saved_event_stream_is_priced_as_its_reply(cli: Command) -> None:
    start = {**MESSAGE, "usage": {**MESSAGE["usage"], "output_tokens": 1}}
    events = [
        {"type": "message_start", "message": start},
        {"type": "message_delta", "delta": {}, "usage": {"output_tokens": 100}},
        {"type": "message_stop"},
    ]
    text = "".join(f"event: {e['type']}\ndata: {json.dumps(e)}\n\n" for e in events)
    (row,) = rows(cli("price", "-", "--at", "2026-11-01", "--format", "json", input=text))
    assert Decimal(str(row["cost_usd"])) == MESSAGE_USD


def test_a_saved_chat_stream_is_recognised_with_its_time(cli: Command) -> None:
    chunk = {**CHAT, "object": "chat.completion.chunk", "choices": []}
    text = f"data: {json.dumps(chunk)}\n\ndata: [DONE]\n\n"
    (row,) = rows(cli("price", "-", "--format", "json", input=text))
    assert (row["provider"], row["cost_usd"]) == ("openai", 0.0002)


def test_what_the_client_has_is_in_the_request(cli: Command) -> None:
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
        ("[]", "the file is empty"),
        ("{", "line 1: not JSON"),
        ("[" * 100_000, "line 1: nested too deeply"),
        (f'{{"n": {"9" * 5000}}}', "line 1: a number has too many digits"),
        ('{\n "id": 1,\n oops\n}', "line 3: not JSON"),
        ('{"type": "message"}\n{"b": \n', "line 2: not JSON"),
        ("[1]", "item 1: expected a JSON object"),
        ('{"hello": 1}', "add --provider"),
        ('{"response": {}, "provider": 7}', "add --provider"),
        ('{"response": {}, "provider": "openai", "at": "noon"}', "cannot read 'noon'"),
        ('{"response": {}, "provider": "openai", "at": 1e300}', 'cannot read "at": 1e+300'),
        ('{"response": {}, "provider": "openai", "at": []}', 'cannot read "at": []'),
    ],
)
def test_a_file_that_cannot_be_read_says_where(cli: Command, text: str, problem: str) -> None:
    result = cli("price", "-", input=text)
    assert (result.exit_code, result.stdout) == (1, "")
    assert problem in result.stderr
    assert len(result.stderr.splitlines()) == 1


def test_a_time_may_be_a_unix_time_stamp(cli: Command) -> None:
    before_its_launch = json.dumps(wrapped(at=1750000000))
    result = cli("price", "-", input=before_its_launch)
    assert "no_price_on_date" in result.stdout


def test_a_file_that_windows_saved_is_read(cli: Command, tmp_path: Path) -> None:
    file = tmp_path / "reply.json"
    file.write_text(json.dumps(wrapped()), encoding="utf-8-sig")
    assert rows(cli("price", str(file), "--format", "json"))[0]["cost_usd"]


def test_a_line_separator_inside_a_text_ends_no_line(cli: Command) -> None:
    said = {**MESSAGE, "content": [{"type": "text", "text": "a\u2028b\x85c"}]}
    lines = "\n".join([json.dumps(said, ensure_ascii=False)] * 2)
    assert len(rows(cli("price", "-", "--format", "json", input=lines))) == 2
    started = json.dumps({"type": "message_start", "message": said}, ensure_ascii=False)
    finished = json.dumps({"type": "message_delta", "usage": {"output_tokens": 1}})
    stream = f"data: {started}\n\ndata: {finished}\n\n"
    (row,) = rows(cli("price", "-", "--format", "json", input=stream))
    assert (row["input_tokens"], row["output_tokens"]) == (3000, 1)


def test_bytes_that_are_no_text_are_refused(cli: Command, tmp_path: Path) -> None:
    file = tmp_path / "x"
    file.write_bytes(b"\xff\xfe\x00")
    result = cli("price", str(file))
    assert result.exit_code == 1
    assert "cannot read" in result.stderr


def test_prices_list_and_show_come_from_the_book(cli: Command) -> None:
    listed = rows(cli("price-book", "list", "--provider", "anthropic", "--format", "json"))
    opus = next(row for row in listed if row["model"] == "claude-opus-5")
    assert (opus["input"], opus["output"]) == (5, 25)
    shown = rows(
        cli("price-book", "show", "claude-opus-5", "--at", "2026-11-01", "--format", "json")
    )
    assert all("claude-opus-5" in row["model"] for row in shown)
    assert all(row["source"].startswith("https://") for row in shown)


def test_prices_are_listed_as_people_write_them(cli: Command) -> None:
    result = cli("price-book", "list", "--provider", "anthropic", "--at", "2026-11-20")
    fable = next(line for line in result.stdout.splitlines() if "claude-fable-5-1" in line)
    assert fable.split() == ["anthropic", "claude-fable-5-1", "10", "0.25", "12.5", "50"]
    shown = cli("price-book", "show", "claude-fable-5-1", "--at", "2026-11-20")
    assert "$0.25 / M" in shown.stdout


def test_a_model_is_found_by_its_name_on_a_cloud(cli: Command) -> None:
    shown = rows(cli("price-book", "show", "us.anthropic.claude-opus-4-5-20251101-v1:0", *JSON))
    assert {row["model"] for row in shown} == {"claude-opus-4-5-20251101"}


def test_a_day_before_all_prices_is_said(cli: Command) -> None:
    assert "has no prices at that time" in cli("price-book", "list", "--at", "1999-01-01").stderr


def test_a_model_without_a_price_is_said(cli: Command) -> None:
    result = cli("price-book", "show", "gpt-nonesuch")
    assert result.exit_code == 1
    assert "LLMCOST_PRICES" in result.stderr
