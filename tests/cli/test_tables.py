# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""What a table leaves out on a narrow terminal, and what it never does."""

from __future__ import annotations

import csv
import fcntl
import io
import os
import pty
import re
import struct
import subprocess
import sys
import termios

import pytest

from otel_llmcost.store import Store
from tests.cli.calls import add, call
from tests.cli.conftest import Command, Terminal


def test_columns_go_before_records_become_blocks(
    cli: Command, embedded_store: Store, terminal: Terminal
) -> None:
    add(embedded_store, call(usd="1234.5", input_tokens=123_456_789))
    terminal(44)
    narrow = cli("spend", "--by", "feature,model").stdout
    assert "Hidden at 44 columns: input, cache read, output, cost share" in narrow
    assert "--format csv has all" in narrow
    assert "1  $1,234.50" in narrow
    terminal(24)
    blocks = cli("spend", "--by", "feature,model").stdout
    assert "Hidden" not in blocks
    assert [line.split() for line in blocks.splitlines() if line.startswith("input")] == [
        ["input", "123,456,789"]
    ] * 2


def test_a_pipe_gets_every_column_and_no_spaces_at_the_end(
    cli: Command, embedded_store: Store
) -> None:
    add(embedded_store, call(call_site="app.handlers.reply:12", error_type="timeout"))
    out = cli("spend", "--by", "feature,model,call_site").stdout
    assert "Hidden" not in out
    assert all(heading in out for heading in ("cache read", "errors", "cost share"))
    assert all(line == line.rstrip() for line in out.splitlines())


def test_what_a_query_requested_is_never_left_out(
    cli: Command, embedded_store: Store, terminal: Terminal
) -> None:
    terminal(40)
    names = [f"column_{n}" for n in range(9)]
    out = cli("query", "SELECT " + ", ".join(f"{n} * 1000000 AS {name}" for n, name in
                                             enumerate(names))).stdout  # fmt: skip
    assert [line.split()[-1] for line in out.splitlines() if line] == [
        str(n * 10**6) for n in range(9)
    ]


def test_a_real_terminal_of_60_columns(embedded_store: Store) -> None:
    parent, child = pty.openpty()
    fcntl.ioctl(child, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 60, 0, 0))
    environ = {k: v for k, v in os.environ.items() if k not in ("COLUMNS", "LINES")}
    command = [sys.executable, "-m", "otel_llmcost.cli", "price-book", "show", "claude-opus-5-5"]
    with subprocess.Popen(command, stdout=child, env=environ) as process:
        os.close(child)
        parts: list[bytes] = []
        try:
            while part := os.read(parent, 65_536):
                parts.append(part)
        except OSError:  # Linux says so when the other end was closed
            pass
        assert process.wait(timeout=60) == 0
    os.close(parent)
    text = re.sub(r"\x1b\[[0-9;]*m", "", b"".join(parts).decode())
    assert "Hidden at 60 columns: " in text
    assert "$0.20 / M" in text


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_a_name_is_no_formula_in_a_sheet(cli: Command, embedded_store: Store, start: str) -> None:
    name = f"{start}HYPERLINK(1)"
    add(embedded_store, call(feature=name, usd="0.5"))
    guarded = cli("spend", "--format", "csv")
    plain = cli("spend", "--format", "csv", "--no-csv-guard")
    (row,), (raw,) = (list(csv.DictReader(io.StringIO(r.stdout, ""))) for r in (guarded, plain))
    assert (row["feature"], raw["feature"]) == (f"'{name}", name)
    assert row["cost_usd"] == raw["cost_usd"] == "0.500000000000"


def test_numbers_stay_numbers_in_a_sheet_and_headings_are_guarded(
    cli: Command, embedded_store: Store
) -> None:
    sql = "SELECT -1.5 AS a, toDecimal64(-2, 2) AS b, '-3' AS c, '-x' AS d, '+1e5' AS e, 1 AS `=f`"
    out = cli("query", sql, "--format", "csv").stdout
    assert out == "a,b,c,d,e,'=f\n-1.5,-2.00,-3,'-x,+1e5,1\n"


STEERING = "\x1b]0;owned\x07\x9b2J\u202ename"


@pytest.mark.parametrize("output", ["table", "csv", "json"])
@pytest.mark.parametrize("name", ["spend", "top", "explain"])
def test_no_stored_name_steers_a_terminal(
    cli: Command, embedded_store: Store, terminal: Terminal, name: str, output: str
) -> None:
    add(embedded_store, call(feature=STEERING, response_id="msg_02", model=STEERING))
    terminal(80)
    commands = {
        "spend": ["spend"],
        "top": ["spend", "--top-calls"],
        "explain": ["explain", "msg_02"],
    }
    result = cli(*commands[name], "--format", output)
    for char in "\x1b\x07\x9b\u202e":
        assert char not in result.stdout + result.stderr
    if output == "json":
        assert STEERING in result.stdout.encode().decode("unicode_escape")


def test_a_pipe_gets_stored_names_as_they_are(cli: Command, embedded_store: Store) -> None:
    add(embedded_store, call(feature=STEERING))
    (row,) = list(csv.DictReader(io.StringIO(cli("spend", "--format", "csv").stdout)))
    assert row["feature"] == STEERING


def test_headings_and_errors_cannot_steer_a_terminal_either(
    cli: Command, embedded_store: Store, terminal: Terminal
) -> None:
    terminal(80)
    assert "\x1b" not in cli("query", "SELECT 1 AS `\x1b[2J`").stdout
    assert "\x1b" not in cli("query", "SELECT throwIf(1, '\x1b[2J')").stderr
