# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import Command
from tests.support.schema_store import with_schema

pytestmark = pytest.mark.slow

APP = """
import anthropic, sys
client = anthropic.Anthropic(api_key="x", base_url=sys.argv[1])
for _ in range(3):
    message = client.messages.create(
        model="claude-opus-5", max_tokens=9, messages=[{"role": "user", "content": "x"}])
print(message.content[0].text)
sys.exit(7)
"""


def test_run_reports_what_a_program_cost_and_keeps_out_of_its_way(
    provider: str, tmp_path: Path
) -> None:
    (tmp_path / "shop.py").write_text(APP)
    store = with_schema(tmp_path / "store")
    mine = {name: value for name, value in os.environ.items() if not name.startswith("OTEL_")}
    command = [sys.executable, "-m", "otel_llmcost.cli"]
    done = subprocess.run(
        [*command, "run", "--store", str(store), "--", sys.executable, "shop.py", provider],
        env={**mine, "LLMCOST_HOSTS": f"{provider.removeprefix('http://')}=anthropic"},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )
    assert (done.returncode, done.stdout) == (7, "hi\n"), done.stderr
    assert "shop: $0.0255 for 3 calls" in done.stderr
    requested = subprocess.run(
        [*command, "spend", "--by", "service", "--url", str(store), "--format", "json"],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    (row,) = json.loads(requested.stdout)
    assert (row["service"], row["calls"], row["cost_usd"]) == ("shop", 3, 0.0255)


def test_sigterm_ends_the_program_and_not_only_run(tmp_path: Path) -> None:
    store = with_schema(tmp_path / "store")
    program = "import sys; print('up', flush=True); sys.stdin.read()"
    command = [sys.executable, "-m", "otel_llmcost.cli", "run", "--store", str(store), "--"]
    with subprocess.Popen(
        [*command, sys.executable, "-c", program],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as run:
        assert run.stdout
        assert run.stdout.readline() == "up\n"
        run.terminate()
        # Ends only when the program, which shares it, has let go of it.
        assert run.stdout.read() == ""
        assert run.wait(60) == 128 + signal.SIGTERM
    assert not (store / "daemon.json").exists()


def test_a_program_that_does_not_exist_is_wrong_usage(cli: Command) -> None:
    result = cli("run", "--", "no-such-program-here")
    assert result.exit_code == 2
    assert "command not found" in result.stderr
