# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""The Markdown that the generated pages share."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Sequence


def head(title: str, source: str, text: str) -> str:
    """The beginning of a page: what it is generated from, title and introduction."""
    note = f"<!-- Generated from {source} by `python -m tools.reference`: change it there. -->"
    return f"{note}\n\n# {title}\n\n{text.strip()}\n"


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table; a `|` in a cell is escaped, and a line break becomes a space."""
    lines = [" | ".join(header), " | ".join("---" for _ in header)]
    lines += [" | ".join(map(cell, row)) for row in rows]
    return "\n".join(f"| {line} |" for line in lines) + "\n"


def cell(text: str) -> str:
    """Text on one line of a table."""
    return re.sub(r"\s+", " ", text.replace("|", "\\|")).strip()


def documented(body: Sequence[ast.stmt]) -> Iterator[tuple[str, ast.expr | None, str]]:
    """Annotated names of a module or class, in order: name, value, and the text below it."""
    for node, after in zip(body, [*body[1:], None], strict=True):
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            text = ""
            if isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant):
                text = str(after.value.value)
            yield node.target.id, node.value, text
