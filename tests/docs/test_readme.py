# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Every command in README works, in the order a reader types them."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from otel_llmcost.emulator import Emulator

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text("utf-8")
NOT_RUN = "# not run here: needs Docker"
DEFAULTS = {
    "http://127.0.0.1:4318": "otlp_http",
    "http://127.0.0.1:8123": "clickhouse",
    "http://127.0.0.1:8321": "web",
}


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", README, re.M | re.S)


def commands() -> list[str]:
    lines = "\n".join(blocks("sh")).splitlines()
    return [line for line in lines if line.strip() and not line.startswith("#")]


def without_comment(command: str) -> str:
    return command.split("    #")[0].split("  # ")[0].strip()


def by_hand(command: str) -> bool:
    """What the fixture does itself, or a test below checks in another way."""
    return command.startswith(("make ", "pip install ", "otel-llmcost serve"))


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, Mapping[str, str]]]:
    """A reader's shell: a folder with the files of README, a daemon, and providers to call."""
    folder = tmp_path_factory.mktemp("reader")
    store = folder / "store"
    for block in blocks("python"):
        if block.startswith("# app.py"):
            (folder / "app.py").write_text(block)
    for name, text in re.findall(r"^```(?:json|csv) (\S+)\n(.*?)^```", README, re.M | re.S):
        (folder / name).write_text(text)
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("OTEL_", "LLMCOST_"))}
    env = {**clean, "PATH": path, "LLMCOST_STORE": str(store), "OTEL_BSP_SCHEDULE_DELAY": "200"}
    ports = [f"--{name}-port=0" for name in ("otlp-grpc", "otlp-http", "clickhouse", "web")]
    daemon = subprocess.Popen(["otel-llmcost", "serve", *ports], cwd=folder, env=env)
    try:
        with Emulator(seed=1) as emulator:
            env |= emulator.environment()
            yield folder, env | {"FACTS": json.dumps(facts(store, daemon))}
    finally:
        daemon.send_signal(signal.SIGINT)
        assert daemon.wait(timeout=30) == 0


def facts(store: Path, daemon: subprocess.Popen[bytes]) -> dict[str, str]:
    deadline = time.monotonic() + 180
    while not (store / "daemon.json").exists():
        assert daemon.poll() is None, "serve ended at once"
        assert time.monotonic() < deadline, "serve did not start"
        time.sleep(0.05)
    return json.loads((store / "daemon.json").read_text())


def test_every_command_runs_as_printed(reader: tuple[Path, Mapping[str, str]]) -> None:
    folder, env = reader
    told = json.loads(env["FACTS"])
    script = ["set -eu"]
    for command in commands():
        if NOT_RUN in command or by_hand(command):
            continue
        text = without_comment(command)
        for default, name in DEFAULTS.items():
            text = text.replace(default, told[name.replace("clickhouse", "http_url")])
        script.append(f"echo {json.dumps('$ ' + text).replace('$', chr(92) + '$')}")
        script.append(text)
        if "app.py" in text:
            script.append("sleep 1")
    done = subprocess.run(
        ["bash", "-c", "\n".join(script)],
        cwd=folder,
        env=dict(env),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "support.reply" in done.stdout
    assert "claude-opus-5-5" in done.stdout


def test_what_needs_docker_is_marked_and_nothing_else_is() -> None:
    marked = [command for command in commands() if NOT_RUN in command]
    assert [without_comment(command) for command in marked] == [
        "cp .env.example .env",
        "docker compose up -d",
    ]
    assert not [c for c in commands() if "docker" in c and NOT_RUN not in c]


def test_make_commands_exist_and_ci_runs_the_two_that_matter() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.M))
    mentioned = set(re.findall(r"\bmake ([a-z-]+)", README))
    assert mentioned <= targets
    ci = (ROOT / ".ci" / "run").read_text()
    assert ci.count("make demo") >= 2
    assert "make test" in ci


def test_the_extras_that_readme_installs_exist() -> None:
    project = (ROOT / "pyproject.toml").read_text()
    for extra in re.findall(r"otel-llmcost\[([a-z]+)\]", README):
        assert re.search(rf"^{extra} = \[", project, re.M), extra


def test_the_priced_example_is_what_the_command_prints(
    reader: tuple[Path, Mapping[str, str]],
) -> None:
    folder, env = reader
    shown = re.search(r"otel-llmcost price reply\.json.*?```text\n(.*?)```", README, re.S)
    assert shown is not None
    command = ["otel-llmcost", "price", "reply.json", "--explain"]
    done = subprocess.run(
        command,
        cwd=folder,
        env={**env, "COLUMNS": "110"},
        capture_output=True,
        text=True,
        check=True,
    )
    trimmed = [line.rstrip() for line in done.stdout.splitlines()]
    assert trimmed == [line.rstrip() for line in shown[1].splitlines()]


def test_links_lead_to_files_of_the_repository() -> None:
    targets = re.findall(r"\]\((?!https?:)([^)#]+)", README)
    assert targets
    assert [target for target in targets if not (ROOT / target).exists()] == []
