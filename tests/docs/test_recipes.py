# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""CONTRIBUTING is true: what it names exists, and its recipes list every file that matters."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from otel_llmcost import schema
from otel_llmcost.detection.detect import KINDS
from otel_llmcost.providers.registry import PROVIDERS
from tests.docs.pages import ROOT

TEXT = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
PACKAGE = ROOT / "otel_llmcost"


def recipe(title: str) -> set[str]:
    """The files that a recipe lists, as they are written."""
    [section] = re.findall(rf"^### {title}\n(.*?)(?=^##|\Z)", TEXT, re.M | re.S)
    return set(re.findall(r"^\d\. `([^`]+)`", section, re.M))


def files_naming(word: str, *suffixes: str, under: Path = PACKAGE) -> set[str]:
    """Files of the package that contain a word."""
    paths = [path for path in under.rglob("*") if path.suffix in suffixes]
    found = [path for path in paths if re.search(rf"\b{word}\b", path.read_text("utf-8"))]
    return {str(path.relative_to(ROOT)) for path in found}


def matches(pattern: str, path: str) -> bool:
    """Whether a path is one that a recipe writes with `<places>`."""
    expected = re.sub(r"<\w+>", r"[\\w.]+", pattern.replace(".", r"\."))
    return re.fullmatch(expected, path) is not None


def covered(title: str, paths: set[str]) -> bool:
    """Whether each path is in the recipe, and each line of the recipe has a path."""
    lines = recipe(title)
    return all(any(matches(line, path) for line in lines) for path in paths) and all(
        any(matches(line, path) for path in paths) for line in lines
    )


@pytest.mark.parametrize("path", sorted(set(re.findall(r"`([\w.-]+/[\w./<>*{},-]*)`", TEXT))))
def test_a_path_that_contributing_names_exists(path: str) -> None:
    alternatives = re.search(r"\{([\w,]+)\}", path)
    names = alternatives[1].split(",") if alternatives else [""]
    for name in names:
        pattern = re.sub(r"\{[\w,]+\}", name, re.sub(r"<\w+>", "*", path))
        assert list(ROOT.glob(pattern.rstrip("/"))), pattern


def test_a_column_of_calls_is_where_the_recipe_says() -> None:
    tables, pipelines = PACKAGE / "schema/tables", PACKAGE / "schema/pipelines"
    for column in ("finish_reason", "resend_count"):
        found = files_naming(column, ".sql", under=tables)
        found |= files_naming(column, ".sql", under=pipelines)
        assert found <= recipe("An attribute"), column


def test_a_provider_is_a_folder_a_line_and_a_file_of_prices() -> None:
    for provider in PROVIDERS:
        assert (PACKAGE / f"pricing/data/{provider.name}.json").exists()
    modules = {path.parent.name for path in (PACKAGE / "providers").glob("*/__init__.py")}
    registry = (PACKAGE / "providers/registry.py").read_text("utf-8")
    assert all(re.search(rf"\b{name}\.(PROVIDER|[A-Z]+)\b", registry) for name in modules)


def test_a_bucket_is_in_the_files_of_the_recipe() -> None:
    assert covered("A bucket", files_naming("web_fetch_call", ".py", ".sql", ".json"))


@pytest.mark.parametrize("lever", ["stable_prefix", "reasoning_effort", "global_endpoint"])
def test_a_lever_is_in_the_files_of_the_recipe(lever: str) -> None:
    assert covered("A lever", files_naming(lever, ".py", ".sql"))


def test_a_detector_is_a_query_a_kind_and_a_row() -> None:
    queries = PACKAGE / "schema/queries/detection"
    assert all((queries / f"detect_{kind}.sql").exists() for kind in KINDS)
    page = (ROOT / "docs/explanation/detection.md").read_text("utf-8")
    assert re.findall(r"^\| `(\w+)` \|", page, re.M) != []
    assert set(re.findall(r"^\| `(\w+)` \|", page, re.M)) == set(KINDS)


def test_a_panel_is_a_query_and_a_place_on_one_board() -> None:
    queries = PACKAGE / "dashboards/queries"
    boards = {path.stem: path.read_text("utf-8") for path in PACKAGE.glob("dashboards/*.py")}
    for path in queries.glob("*/*.sql"):
        name = f"{path.parent.name}/{path.stem}"
        named = path.stem if path.parent.name == "alerts" else name
        assert any(f'"{named}"' in text for text in boards.values()), name


def test_a_rollup_is_one_file() -> None:
    for name in schema.rollups():
        made = re.compile(rf"^CREATE [^\n]*\.{name}(__rows|__live|__builds)?\s", re.M)
        sql = [path for path in PACKAGE.rglob("*.sql") if made.search(path.read_text("utf-8"))]
        assert [path.stem for path in sql] == [name]
        [path] = PACKAGE.glob(f"schema/rollups/*/{name}.sql")
        assert matches(
            "otel_llmcost/schema/rollups/<folder>/<name>.sql", str(path.relative_to(ROOT))
        )
