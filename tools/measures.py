"""Measures the repository: `python -m tools.measures [FOLDER]`, a checkout of any version of it.

Files and lines by package, database objects, SQL that a later file replaces, words of
tools/words.py, circles of imports, the longest function and file, and the files that each recipe
of CONTRIBUTING.md touches.
"""

from __future__ import annotations

import ast
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path

from tools import words

_CREATE = re.compile(
    r"\bCREATE\s+(?:OR\s+REPLACE\s+)?(TABLE|VIEW|MATERIALIZED\s+VIEW|DICTIONARY|FUNCTION)\s+"
    r"(?:IF\s+NOT\s+EXISTS\s+)?(?:\$?\{?\w+\}?\.)?(\w+)"
)
_MODIFY = re.compile(r"\bALTER\s+TABLE\s+(?:\$?\{?\w+\}?\.)?(\w+)[^;]*?\bMODIFY\s+QUERY\b")
_PATH = re.compile(r"`([\w./*<>{}-]+(?:/|\.\w+))`")


def sizes(root: Path) -> dict[str, tuple[int, int]]:
    """Files and lines of Python and SQL by package (tests and the rest by top folder)."""
    counted: dict[str, tuple[int, int]] = {}
    for file in words.in_git(root):
        if file.endswith((".py", ".sql")):
            parts = file.split("/")[:-1]
            place = "/".join(parts[: 2 if parts[:1] == ["otel_llmcost"] else 1]) or "."
            files, lines = counted.get(place, (0, 0))
            counted[place] = files + 1, lines + len((root / file).read_text().splitlines())
    return counted


def database_objects(root: Path) -> dict[str, set[str]]:
    """The names that the schema creates, by kind; `public`: the views that are documented."""
    found: dict[str, set[str]] = defaultdict(set)
    folders = (root / "otel_llmcost" / "schema").glob("**/*.sql")
    documents = [root / "README.md", *(root / "docs").glob("**/*.md")]
    text = "\n".join(document.read_text() for document in documents if document.exists())
    promised = {
        name
        for row in re.findall(r"^\|([^|]+)\|", text, re.MULTILINE)
        for name in re.findall(r"`(\w+)`", row)
    }
    has_folders = (root / "otel_llmcost" / "schema" / "views" / "public").is_dir()
    for file in folders:
        if "rollups" in file.parts:  # what is rendered from one, see schema/rollup.py
            found["table"].add(f"{file.stem}__rows")
            found["view"] |= {f"{file.stem}__live", file.stem}
            found["materialized view"].add(f"{file.stem}__builds")
            found["public"] |= {file.stem} if "public" in file.parts else set()
        elif "rollup_templates" not in file.parts:
            for kind, name in _CREATE.findall(_code(file)):
                found[" ".join(kind.lower().split())].add(name)
                by_document = not has_folders and "view" in kind.lower() and name in promised
                if "public" in file.parts or by_document:
                    found["public"].add(name)
    return found


def superseded_sql(root: Path) -> dict[str, int]:
    """Files that create what a later file defines again, with their lines."""
    defined: dict[str, list[Path]] = defaultdict(list)
    for file in sorted((root / "otel_llmcost" / "schema").glob("**/*.sql")):
        code = _code(file)
        if "rollup_templates" in file.parts:
            continue
        for name in {*(name for _, name in _CREATE.findall(code)), *_MODIFY.findall(code)}:
            defined[name].append(file)
    old = {file for files in defined.values() for file in files[:-1]}
    return {str(file.relative_to(root)): len(file.read_text().splitlines()) for file in sorted(old)}


def _code(file: Path) -> str:
    return re.sub(r"--[^\n]*", "", file.read_text())


def imports(root: Path) -> dict[str, set[str]]:
    """Every module of the package and the modules that it imports, wherever the import stands."""
    modules = {
        ".".join(file.relative_to(root).with_suffix("").parts).removesuffix(".__init__"): file
        for file in (root / "otel_llmcost").glob("**/*.py")
    }
    return {
        module: {
            target
            for node in ast.walk(ast.parse(file.read_text()))
            for target in _targets(node, module, file.name == "__init__.py", modules)
        }
        - {module}
        for module, file in modules.items()
    }


def _targets(node: ast.AST, module: str, package: bool, modules: dict[str, Path]) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names if alias.name in modules)
    elif isinstance(node, ast.ImportFrom):
        above = module.split(".")[: len(module.split(".")) - node.level + package]
        base = ".".join([*(above if node.level else []), *([node.module] if node.module else [])])
        for alias in node.names:
            target = f"{base}.{alias.name}"
            if target in modules or base in modules:
                yield target if target in modules else base


def circles(graph: dict[str, set[str]]) -> list[set[str]]:
    """Groups of modules that import each other, directly or through others."""
    reached = {module: _reach(graph, module) for module in graph}
    groups = {
        frozenset({module, *(other for other in targets if module in reached.get(other, ()))})
        for module, targets in reached.items()
    }
    return sorted((set(group) for group in groups if len(group) > 1), key=len)


def _reach(graph: dict[str, set[str]], start: str) -> set[str]:
    seen: set[str] = set()
    open_ends = [start]
    while open_ends:
        for target in graph.get(open_ends.pop(), ()):
            if target not in seen:
                seen.add(target)
                open_ends.append(target)
    return seen


def longest(root: Path) -> tuple[list[tuple[int, str]], list[tuple[int, str]]]:
    """The three longest functions and files of the package's Python."""
    functions: list[tuple[int, str]] = []
    lengths: list[tuple[int, str]] = []
    for file in (root / "otel_llmcost").glob("**/*.py"):
        text = file.read_text()
        where = str(file.relative_to(root))
        lengths.append((len(text.splitlines()), where))
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.end_lineno:
                functions.append((node.end_lineno - node.lineno + 1, f"{where}:{node.name}"))
    return sorted(functions)[:-4:-1], sorted(lengths)[:-4:-1]


def recipes(root: Path) -> dict[str, list[str]]:
    """The recipes of CONTRIBUTING.md (headings that begin with Add), with the paths each names."""
    document = root / "CONTRIBUTING.md"
    if not document.exists():
        return {}
    sections = re.split(r"^#+ +", document.read_text(), flags=re.MULTILINE)
    named = {section.split("\n")[0]: _PATH.findall(section) for section in sections}
    return {
        title: list(dict.fromkeys(path for path in paths if "/" in path))
        for title, paths in named.items()
        if re.match(r"(Add|An?) ", title)
    }


def main() -> None:
    """Prints all measures of the folder given, or of this checkout."""
    root = Path(sys.argv[1] if len(sys.argv) > 1 else words.ROOT).resolve()
    print("Files and lines of Python and SQL")
    measured = sizes(root)
    for place, (files, lines) in sorted(measured.items()):
        print(f"  {place:36}{files:5}{lines:8}")
    package = [size for place, size in measured.items() if place.startswith("otel_llmcost")]
    print(f"  {'the package':36}{sum(f for f, _ in package):5}{sum(n for _, n in package):8}")
    everything = measured.values()
    print(f"  {'everything':36}{sum(f for f, _ in everything):5}{sum(n for _, n in everything):8}")
    print("Database objects")
    objects = database_objects(root)
    public = objects.pop("public", set())
    for kind, names in sorted(objects.items()):
        shown = len(names & public)
        print(f"  {kind:36}{len(names):5}  public {shown}, internal {len(names) - shown}")
    old = superseded_sql(root)
    print(f"SQL that a later file replaces: {len(old)} files, {sum(old.values())} lines")
    for file, lines in old.items():
        print(f"  {file} {lines}")
    found = Counter(finding.word for finding in words.all_findings(root))
    print(f"Words of the list: {sum(found.values())}")
    print("  " + ", ".join(f"{word} {count}" for word, count in found.most_common()))
    groups = circles(imports(root))
    print(f"Circles of imports: {len(groups)}")
    for group in groups:
        print(f"  {', '.join(sorted(group))}")
    functions, lengths = longest(root)
    print("Longest functions: " + ", ".join(f"{name} {count}" for count, name in functions))
    print("Longest files: " + ", ".join(f"{name} {count}" for count, name in lengths))
    print("Recipes, files each touches")
    for title, paths in recipes(root).items():
        print(f"  {title}: {len(paths)} ({', '.join(paths)})")


if __name__ == "__main__":
    main()
