# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""The layers of the package point one way."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable
from pathlib import Path

import otel_llmcost

ROOT = Path(otel_llmcost.__file__).parent

# Lowest first. A module may import its own layer and lower ones.
LAYERS = [
    {"semconv", "errors", "usage", "guard", "moments", "timezones"},
    {"config", "allocation", "generators", "tags", "pricing", "providers", "schema"},
    {"exporters", "instrumentation", "store", "outcomes", "measuring", "notebook"},
    {"reports", "ingest"},
    {"attribution", "billing", "actions"},
    {"detection"},
    {"review"},
    {"serve", "doctor", "emulator", "dashboards"},
    {"cli", "demo", "__main__"},
]
NEVER_TOGETHER = [({"instrumentation", "outcomes"}, {"store"})]
LEVEL = {name: level for level, names in enumerate(LAYERS) for name in names}


def imports(path: Path) -> set[str]:
    """Parts of otel_llmcost that this file imports, at module level or inside functions."""
    found: set[str] = set()
    package = ["otel_llmcost", *path.relative_to(ROOT).parent.parts]
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            base += (node.module or "").split(".") if node.module else []
            names = [".".join([*base, alias.name]) for alias in node.names]
        else:
            continue
        parts = [name.split(".") for name in names]
        found |= {p[1] for p in parts if p[0] == "otel_llmcost" and len(p) > 1}
    return found & LEVEL.keys()


def part(path: Path) -> str:
    return path.relative_to(ROOT).parts[0].removesuffix(".py")


def files() -> list[Path]:
    return [path for path in ROOT.rglob("*.py") if part(path) != "__init__"]


def test_every_part_of_the_package_has_a_layer() -> None:
    assert {part(path) for path in files()} <= LEVEL.keys()


def test_no_module_imports_a_higher_layer() -> None:
    wrong = [
        f"{path.relative_to(ROOT)} imports {name}"
        for path in files()
        for name in imports(path)
        if LEVEL[name] > LEVEL[part(path)]
    ]
    assert wrong == []


def test_instrumentation_and_store_never_import_each_other() -> None:
    wrong = [
        f"{path.relative_to(ROOT)} imports {name}"
        for path in files()
        for name in imports(path)
        for one, other in NEVER_TOGETHER
        if (part(path) in one and name in other) or (part(path) in other and name in one)
    ]
    assert wrong == []


def test_no_file_is_longer_than_600_lines() -> None:
    long = [
        f"{path.relative_to(ROOT)}: {lines}"
        for path in ROOT.rglob("*.py")
        if (lines := len(path.read_text().splitlines())) > 600
    ]
    assert long == []


def modules() -> dict[str, Path]:
    """Every module of the package by its dotted name."""
    found: dict[str, Path] = {}
    for path in ROOT.rglob("*.py"):
        parts = path.relative_to(ROOT.parent).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def imported_modules(path: Path, known: Iterable[str]) -> set[str]:
    """Modules of the package that a file imports anywhere, for type checkers only included."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            names = {f"{node.module}.{alias.name}" for alias in node.names}
            found |= names & set(known) or {node.module}
        elif isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
    return found & set(known)


def test_no_modules_import_each_other_in_a_circle() -> None:
    known = modules()
    imports = {name: imported_modules(path, known) - {name} for name, path in known.items()}
    while free := {name for name, needed in imports.items() if not needed & imports.keys()}:
        imports = {name: needed for name, needed in imports.items() if name not in free}
    assert imports.keys() == set()


def test_no_test_module_is_imported() -> None:
    """What several tests use stands in a module of its own, or in tests/support."""
    root = Path(__file__).parents[2]
    wrong = [
        f"{path.relative_to(root)}:{number}"
        for folder in ("tests", "benchmarks", "tools")
        for path in (root / folder).rglob("*.py")
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if re.match(r"\s*(from|import) tests\.([a-z_]+\.)*test_", line)
    ]
    assert wrong == []
