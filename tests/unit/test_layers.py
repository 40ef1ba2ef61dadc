# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""The layers of the package point one way."""

from __future__ import annotations

import ast
from pathlib import Path

import otel_llmcost

ROOT = Path(otel_llmcost.__file__).parent

# Lowest first. A module may import its own layer and lower ones.
LAYERS = [
    {"semconv", "errors", "usage", "guard", "moments"},
    {"config", "allocation", "generators", "tags", "pricing", "providers", "schema"},
    {"instrumentation", "store", "outcome"},
    {"reports", "ingest"},
    {"attribution", "billing"},
    {"detection"},
    {"review"},
    {"serve", "doctor", "emulator", "dashboards"},
    {"cli", "demo", "__main__"},
]
NEVER_TOGETHER = [({"instrumentation", "outcome"}, {"store"})]
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
