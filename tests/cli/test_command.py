# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from otel_llmcost import __version__
from otel_llmcost.cli import target
from otel_llmcost.store import Store
from tests.cli.conftest import Command, rows

COMMANDS = [
    *("serve", "run", "demo", "spend", "incidents", "anomalies", "query"),
    *("price", "price-book", "schema"),
]


@pytest.mark.parametrize("name", [*COMMANDS, "doctor"])
def test_every_command_explains_itself(cli: Command, name: str) -> None:
    result = cli(name, "--help")
    assert result.exit_code == 0
    assert result.stdout.startswith("Usage: ")
    assert f"  {name}" in cli("--help").stdout


def test_help_loads_no_engine_server_or_sdk() -> None:
    code = (
        "import sys\nfrom otel_llmcost.cli import main\n"
        "sys.argv = ['otel-llmcost', '--help']\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
        "heavy = {'chdb', 'clickhouse_connect', 'grpc', 'starlette', 'anthropic', 'openai', 'rich'}"
        "\nsys.exit(' '.join(heavy & set(sys.modules)) or 0)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("package", ["click", "rich"])
def test_without_its_packages_the_command_names_the_extra(package: str) -> None:
    code = (
        f"import sys\nsys.modules['{package}'] = None\n"
        "from otel_llmcost.cli import main\nsys.argv = ['otel-llmcost']\nmain()\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "pip install 'otel-llmcost[cli]'" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_the_version_is_the_package_s(cli: Command) -> None:
    assert __version__ in cli("--version").stdout


@pytest.mark.parametrize("args", [["nonsense"], ["spend", "--limit", "0"], ["price"], ["run"]])
def test_wrong_usage_exits_2(cli: Command, args: list[str]) -> None:
    assert cli(*args).exit_code == 2


def test_reading_never_creates_a_store(cli: Command, tmp_path: Path) -> None:
    missing = tmp_path / "nowhere"
    result = cli("spend", "--url", str(missing))
    assert result.exit_code == 1
    assert f"no store at {missing}" in result.stderr
    assert "otel-llmcost serve" in result.stderr
    assert not missing.exists()


@pytest.mark.parametrize("url", ["mysql://x", "http://", "chdb://relative/path"])
def test_a_url_that_makes_no_sense_is_one_line(cli: Command, url: str) -> None:
    result = cli("spend", "--url", url)
    assert result.exit_code == 1
    assert len(result.stderr.splitlines()) == 1


def test_a_server_that_is_not_there_is_one_line(cli: Command) -> None:
    result = cli("spend", "--url", "http://127.0.0.1:9/llmcost")
    assert result.exit_code == 1
    assert "no ClickHouse answers at http://127.0.0.1:9" in result.stderr


@pytest.mark.parametrize(
    "args",
    [["serve", "--store"], ["run", "--store"], ["demo", "--store"], ["schema", "apply", "--url"]],
)
def test_a_store_that_cannot_be_made_there_is_one_line(
    cli: Command, tmp_path: Path, args: list[str]
) -> None:
    (tmp_path / "file").touch()
    result = cli(*args, str(tmp_path / "file" / "store"), *(["true"] if "run" in args else []))
    assert result.exit_code == 1
    assert len(result.stderr.splitlines()) == 1
    assert "name another directory" in result.stderr


def test_a_mistyped_command_is_suggested(cli: Command) -> None:
    assert "Did you mean 'spend'?" in cli("spendd").stderr


def test_the_package_runs_as_a_module() -> None:
    command = [sys.executable, "-m", "otel_llmcost", "--version"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert __version__ in done.stdout


@pytest.mark.parametrize("name", ["serve", "run"])
def test_what_keeps_its_own_store_takes_no_server(cli: Command, name: str) -> None:
    result = cli(name, "--store", "http://h:8123/llmcost", *(["true"] if name == "run" else []))
    assert result.exit_code == 1
    assert f"{name} needs a local store: name a directory" in result.stderr


def test_a_directory_of_other_things_is_no_store_and_stays_as_it_is(
    cli: Command, tmp_path: Path
) -> None:
    (tmp_path / "notes.txt").touch()
    result = cli("query", "SELECT 1", "--url", str(tmp_path))
    assert result.exit_code == 1
    assert f"no store at {tmp_path}" in result.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]


def test_the_store_is_the_option_else_the_variable_else_the_data_directory() -> None:
    environ = {"LLMCOST_STORE": "/var/llm", "XDG_DATA_HOME": "/data"}
    assert target.store_url("chdb:///other", environ) == "chdb:///other"
    assert target.store_url(None, environ) == "chdb:///var/llm"
    assert target.store_url(None, {"XDG_DATA_HOME": "/data"}) == "chdb:///data/otel-llmcost"
    assert target.store_url("http://h:8123/llmcost", environ) == "http://h:8123/llmcost"
    home = target.store_url(None, {})
    assert home == f"chdb://{Path.home()}/.local/share/otel-llmcost"


def test_the_schema_is_applied_and_its_status_shown(cli: Command, embedded_store: Store) -> None:
    assert cli("schema", "apply").exit_code == 0
    states = {row["state"] for row in rows(cli("schema", "status", "--format", "json"))}
    assert states == {"applied"}


def test_a_password_is_never_printed(cli: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    from otel_llmcost.cli.commands import schema

    url = "http://admin:s3cret@localhost:8123/llmcost"
    assert "s3cret" not in schema._shown(url)  # pyright: ignore[reportPrivateUsage]
