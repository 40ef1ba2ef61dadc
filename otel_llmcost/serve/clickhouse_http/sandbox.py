# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Decides whether a reader may run a statement, by looking at its formatted text.

`readonly=1` alone does not hold in the embedded engine: `INTO OUTFILE` writes files, scalar
`file()` and a table of the database `default` read them, and `SET ROLE` still works. The other
layers in front of the engine are its rights and the operating system; see
docs/explanation/threat-model.md.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

from otel_llmcost.serve.clickhouse_http import allowed, structures
from otel_llmcost.serve.clickhouse_http.quoting import (
    READONLY,
    blank,
    formatted,
    refused,
    split,
    strings,
)
from otel_llmcost.store.session import Session

_FIRST_WORDS = frozenset({"SELECT", "WITH", "SHOW", "DESCRIBE", "EXISTS", "EXPLAIN"})
_SETTINGS = re.compile(r"^SETTINGS (.*)$", re.MULTILINE)
_OTHER_SETTINGS = re.compile(r"(?<!^)\bSETTINGS\b", re.MULTILINE)
_TEXT = r"\s*'[^']*'\s*"
_VALUE = re.compile(rf"[+-]?\w[\w.+-]*|{_TEXT}|\{{(?:{_TEXT}:{_TEXT},?)*\}}")
_ENGINE_NAMES: dict[str, tuple[frozenset[str], frozenset[str]]] = {}


class Admitted(NamedTuple):
    """A statement a reader may run, without its SETTINGS clause, and those settings."""

    sql: str
    settings: list[tuple[str, str]]
    """Names with values as SQL literals."""


def admit(session: Session, sql: str, parameters: Mapping[str, str]) -> Admitted:
    """Take a reader's statement. Raises StoreError with ClickHouse's code when it is refused."""
    text = formatted(session, sql)
    bare = blank(text)
    _check_kind(bare)
    _check(session, text, bare, parameters)
    settings: list[tuple[str, str]] = []
    for clause in reversed(list(_SETTINGS.finditer(bare))):
        start, end = clause.span(1)
        settings = _settings(text[start:end], bare[start:end]) + settings
        text = text[: clause.start()] + text[clause.end() :]
    for name, value in settings:
        _check_setting(session, name, value)
    return Admitted(text, settings)


def _check_kind(bare: str) -> None:
    """Whether it only reads; the formatter begins every clause of the statement at a margin."""
    words = bare.split()
    first = words[0] if words else "nothing"
    if first not in _FIRST_WORDS and not bare.startswith("("):
        raise refused(f"this user may only read, and {first} does not", READONLY)
    if first == "SHOW" and not allowed.SHOWN.issuperset(words[1:2]):
        raise refused(f"SHOW {words[1]} is not allowed")
    if words[:2] == ["SHOW", "CREATE"] and not allowed.CREATED.issuperset(words[2:3]):
        raise refused(f"SHOW CREATE {words[2]} is not allowed")
    explained = bare.partition("\n")[2].split()
    if first == "EXPLAIN" and not (explained and explained[0] in ("SELECT", "WITH", "(")):
        raise refused("only a SELECT can be explained", READONLY)
    if re.search(r"^(?:INSERT|DELETE|UPDATE|PARALLEL)\b", bare, re.MULTILINE):
        raise refused("this user may only read", READONLY)


def _check(session: Session, text: str, bare: str, parameters: Mapping[str, str]) -> None:
    if _OTHER_SETTINGS.search(bare) and not bare.startswith("SHOW"):
        raise refused("SETTINGS of a subquery are not allowed", READONLY)
    _check_names(bare, parameters)
    _check_calls(session, bare)
    structures.check(session, text, bare)


def _check_names(bare: str, parameters: Mapping[str, str]) -> None:
    """A table of the database `default` is a file or a URL; some of `system` show too much."""
    if re.search(r"(?<![\w.])default\s*\.", bare):
        raise refused("the database default is not allowed")
    for table in re.findall(r"(?<![\w.])system\s*\.\s*(\w*)", bare):
        if table not in allowed.SYSTEM_TABLES:
            raise refused(f"system.{table or '…'} is not allowed")
    for name in re.findall(r"\{\s*(\w+)\s*:\s*Identifier\s*\}", bare):
        value = parameters.get(name, "")
        if value in ("default", "system") or not re.fullmatch(r"[\w .-]+", value):
            raise refused(f"the parameter {name} may not name {value or 'nothing'}")
    if re.search(r"\bAPPLY\s*\(?\s*\{", bare):
        raise refused("a parameter cannot be a function")


def _check_calls(session: Session, bare: str) -> None:
    words = {word.lower() for word in re.findall(r"\w+", bare)}
    calls = {word.lower() for word in re.findall(r"(\w+)\s*\(", bare)}
    table_functions, functions = _engine_names(session)
    forbidden = (words & allowed.NEVER) | (calls & (table_functions | functions))
    if forbidden:
        raise refused(f"{sorted(forbidden)[0]} is not allowed")


def _engine_names(session: Session) -> tuple[frozenset[str], frozenset[str]]:
    """Table functions that reach out of the store, and functions of a kind no reader needs.

    Read once: listing them takes longer than most queries.
    """
    if not _ENGINE_NAMES:
        functions = f"system.functions WHERE categories IN {allowed.NEVER_OF_KIND}"
        _ENGINE_NAMES["all"] = (
            _names(session, "system.table_functions") - allowed.TABLE_FUNCTIONS,
            _names(session, functions),
        )
    return _ENGINE_NAMES["all"]


def _names(session: Session, source: str) -> frozenset[str]:
    found = session.query(f"SELECT lower(name) FROM {source}", "TSVRaw").bytes()
    return frozenset(found.decode().split())


def _settings(text: str, bare: str) -> list[tuple[str, str]]:
    pairs = [part.partition("=") for part in split(text, bare)]
    # A name alone switches the setting on.
    return [(name.strip().strip("`"), value.strip() or "1") for name, _, value in pairs]


def _check_setting(session: Session, name: str, value: str) -> None:
    if name not in allowed.SETTINGS:
        raise refused(f"setting {name} is not allowed", READONLY)
    if not _VALUE.fullmatch(blank(value)):
        raise refused(f"setting {name} must be a plain value", READONLY)
    if name == "additional_table_filters":
        # Expressions inside of strings, which nothing has looked at yet.
        for expression in strings(session, value):
            text = formatted(session, f"SELECT 1 WHERE {expression}")
            _check(session, text, blank(text), {})
