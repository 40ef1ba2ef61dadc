# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Every command and example of README and docs works as printed."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

import otel_llmcost
from otel_llmcost.config import Config
from otel_llmcost.emulator import Emulator
from otel_llmcost.store import open_store
from tests.docs.pages import (
    DOCS,
    NOT_RUN,
    PAGES,
    README,
    ROOT,
    Page,
    has_commands,
    runnable,
    without_comment,
)
from tests.support.schema_store import with_schema

pytestmark = pytest.mark.slow

ADDRESSES = {
    "http://127.0.0.1:4318": "otlp_http",
    "http://127.0.0.1:8123": "http_url",
    "http://127.0.0.1:8321": "web",
}
SETTING = re.compile(r"\b(LLMCOST_[A-Z_]+)=(\S+)")


@dataclass(frozen=True)
class Shell:
    """A reader's shell: a folder a page, a daemon, and providers to call."""

    folder: Path
    environment: Mapping[str, str]
    daemon: Mapping[str, str]
    """What `daemon.json` says."""

    def run(self, page: Page) -> str:
        """The output of the page's commands, typed one after the other."""
        folder = self.folder / page.name.replace("/", "-")
        folder.mkdir(exist_ok=True)
        for name, text in {**README.files(), **page.files()}.items():
            (folder / name).write_text(text)
        shutil.copy(ROOT / ".env.example", folder)
        script = ["set -eu"]
        for command in runnable(page):
            text = command
            for address, name in ADDRESSES.items():
                text = text.replace(address, self.daemon[name])
            script += [f"echo {shlex.quote(f'$ {text}')}", text]
        done = subprocess.run(
            ["bash", "-c", "\n".join(script)],
            cwd=folder,
            env=dict(self.environment),
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout


@pytest.fixture(scope="module")
def shell(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shell]:
    folder = tmp_path_factory.mktemp("reader")
    store = with_schema(folder / "store")
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("OTEL_", "LLMCOST_"))}
    env = {**clean, "PATH": path, "LLMCOST_STORE": str(store), "OTEL_BSP_SCHEDULE_DELAY": "200"}
    ports = [f"--{name}-port=0" for name in ("otlp-grpc", "otlp-http", "clickhouse", "web")]
    daemon = subprocess.Popen(["otel-llmcost", "serve", *ports], cwd=folder, env=env)
    try:
        with Emulator(seed=1) as emulator:
            env |= emulator.environment()
            known = _addresses(store, daemon)
            env["OTEL_EXPORTER_OTLP_ENDPOINT"] = known["otlp_http"]
            env["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf"
            yield Shell(folder, env, known)
    finally:
        daemon.send_signal(signal.SIGINT)
        assert daemon.wait(timeout=60) == 0


@pytest.fixture(scope="module")
def quickstart(shell: Shell) -> str:
    """What the commands of README print; every other page takes them for granted."""
    return shell.run(README)


def _addresses(store: Path, daemon: subprocess.Popen[bytes]) -> dict[str, str]:
    deadline = time.monotonic() + 180
    while not (store / "daemon.json").exists():
        assert daemon.poll() is None, "serve ended at once"
        assert time.monotonic() < deadline, "serve did not start"
        time.sleep(0.05)
    return json.loads((store / "daemon.json").read_text())


def test_the_commands_of_the_readme_show_the_calls_of_its_app(quickstart: str) -> None:
    assert "support.reply" in quickstart
    assert "claude-opus-5-5" in quickstart


@pytest.mark.usefixtures("quickstart")
@pytest.mark.parametrize(
    "page", [page for page in DOCS if has_commands(page)], ids=lambda page: page.name
)
def test_the_commands_of_a_page_run_as_printed(shell: Shell, page: Page) -> None:
    shell.run(page)


@pytest.mark.usefixtures("quickstart")
@pytest.mark.parametrize(
    "page", [page for page in PAGES if page.blocks("sql")], ids=lambda page: page.name
)
def test_the_queries_of_a_page_run(shell: Shell, page: Page) -> None:
    store = open_store(f"{shell.daemon['http_url'].replace('://', '://reader@')}/llmcost")
    try:
        for sql in page.blocks("sql"):
            store.query(sql)
    finally:
        store.close()


def test_the_priced_example_is_what_the_command_prints(shell: Shell) -> None:
    [page] = [page for page in PAGES if "reply.json" in page.files()]
    shown = re.search(r"otel-llmcost price reply\.json.*?```text\n(.*?)```", page.text, re.S)
    assert shown is not None
    (shell.folder / "reply.json").write_text(page.files()["reply.json"])
    done = subprocess.run(
        ["otel-llmcost", "price", "reply.json", "--explain"],
        cwd=shell.folder,
        env={**shell.environment, "COLUMNS": "110"},
        capture_output=True,
        text=True,
        check=True,
    )
    trimmed = [line.rstrip() for line in done.stdout.splitlines()]
    assert trimmed == [line.rstrip() for line in shown[1].splitlines()]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_python_of_a_page_compiles_and_uses_public_names(page: Page) -> None:
    for block in page.blocks("python"):
        compile(block, page.name, "exec")
        used = set(re.findall(r"\bllmcost\.(\w+)", block))
        assert used <= set(otel_llmcost.__all__)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_settings_of_a_page_are_valid(page: Page, tmp_path: Path) -> None:
    hosts = tmp_path / "hosts.txt"
    hosts.write_text("gateway:8080=anthropic\n")
    for command in page.commands():
        settings = dict(SETTING.findall(command.replace("/etc/llmcost/hosts.txt", str(hosts))))
        Config.from_env(settings, strict=True)


def test_what_needs_docker_a_cluster_or_a_package_index_is_marked_and_nothing_else_is() -> None:
    needs = ("docker ", "kubectl ", "pipx ", "uv ", "uvx ")
    for page in PAGES:
        marked = {without_comment(c) for c in page.commands() if NOT_RUN in c}
        assert all(one.startswith(("docker compose ", *needs[1:])) for one in marked)
        assert not [c for c in page.commands() if c.startswith(needs) and NOT_RUN not in c]


def test_make_commands_exist_and_ci_runs_the_two_that_matter() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.M))
    for page in PAGES:
        mentioned = set(re.findall(r"(?:`|^)make ([a-z-]+)", page.text, re.M))
        assert mentioned <= targets, page.name
    ci = (ROOT / ".ci" / "run").read_text()
    assert "make demo" in ci
    assert "make test" in ci


def test_the_extras_that_pages_install_exist() -> None:
    project = (ROOT / "pyproject.toml").read_text()
    for page in PAGES:
        for extra in re.findall(r"otel-llmcost\[([a-z]+)\]", page.text):
            assert re.search(rf"^{extra} = \[", project, re.M), extra
