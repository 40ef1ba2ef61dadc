# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""docs/reference/python.md, from the public names of the package and their docstrings."""

from __future__ import annotations

import ast
import inspect
import re
import textwrap
from types import FunctionType
from typing import Any, cast

import otel_llmcost
from otel_llmcost.measuring import Measure
from otel_llmcost.store import Result, Store
from otel_llmcost.usage import Charge, Line
from tools.reference.markdown import documented, head, table

INTRODUCTION = """
`import otel_llmcost as llmcost`: these names are public, and everything else may change without
notice. The import changes nothing and loads no SDK, engine or price data; each name is loaded
when it is first used.
"""
SECTIONS = {
    "Record": ["instrument", "uninstrument", "flush", "measure"],
    "Tag": ["feature", "allocate", "current_allocation", "outcome", "BudgetExceeded"],
    "Price": ["price_response", "PriceBook", "Cost", "Usage"],
    "Query": ["open_store"],
}
PARTS = {"Record": [Measure], "Price": [Line, Charge], "Query": [Store, Result]}
"""Classes that a public name returns or contains."""


def page() -> str:
    """The whole page."""
    listed = {name for names in SECTIONS.values() for name in names}
    assert listed == set(otel_llmcost.__all__), listed ^ set(otel_llmcost.__all__)
    parts = [head("Python", "the docstrings of otel_llmcost", INTRODUCTION)]
    for section, names in SECTIONS.items():
        parts.append(f"## {section}\n")
        parts += [_entry(f"llmcost.{name}", getattr(otel_llmcost, name)) for name in names]
        parts += [_entry(one.__name__, one) for one in PARTS.get(section, [])]
    return "\n".join(parts)


def _entry(name: str, thing: Any) -> str:
    parts = [f"### {name}\n"]
    if isinstance(thing, FunctionType):
        parts.append(f"```py\n{_signature(name, thing)}\n```\n")
        parts.append(_text(thing))
        return "\n".join(parts)
    parts.append(_text(thing))
    fields = _fields(thing)
    if fields:
        parts.append(table(["field", "type", "meaning"], fields))
    methods = [
        (f"`{_signature(method, value)}`", _text(value))
        for method, value in _methods(thing).items()
    ]
    if methods:
        parts.append(table(["method", "meaning"], methods))
    return "\n".join(parts)


def _methods(thing: type) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in vars(thing).items():
        method = isinstance(value, FunctionType | classmethod | staticmethod)
        if method and not name.startswith("_"):
            found[name] = getattr(thing, name)
    return found


def _fields(thing: type) -> list[tuple[str, str, str]]:
    """Annotated attributes with the text below each."""
    [node] = ast.parse(textwrap.dedent(inspect.getsource(thing))).body
    body = cast(ast.ClassDef, node).body
    types = {
        one.target.id: ast.unparse(one.annotation)
        for one in body
        if isinstance(one, ast.AnnAssign) and isinstance(one.target, ast.Name)
    }
    fields = [one for one in documented(body) if not one[0].startswith("_")]
    for name, _, text in fields:
        assert text, f"{thing.__name__}.{name} has no text below it"
    return [(f"`{name}`", f"`{types[name]}`", text) for name, _, text in fields]


def _signature(name: str, function: Any) -> str:
    """How it is called; annotations as they are written, and no `self`."""
    signature = inspect.signature(function)
    own = [one for key, one in signature.parameters.items() if key != "self"]
    text = str(signature.replace(parameters=own)).replace("'", "")
    return f"{name}{text}"


def _text(thing: Any) -> str:
    """The docstring; an indented part is an example."""
    text = inspect.getdoc(thing) or ""
    assert text, f"{thing} has no docstring"
    return (
        re.sub(
            r"((?:^    .*\n?)+)",
            lambda match: "```python\n" + textwrap.dedent(match[1]).rstrip() + "\n```\n",
            text,
            flags=re.M,
        )
        + "\n"
    )
