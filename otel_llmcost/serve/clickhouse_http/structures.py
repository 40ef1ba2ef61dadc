# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Strings that the engine reads as the columns of a table, or as the name of a dictionary.

`generateRandom('a UInt8, b String ALIAS file(…)')` evaluates the expression, so a structure may
only name columns and types, and must stand in the statement as one plain string. So must the name
of a dictionary: `dictGet('default./a/file', …)` opens the file to see whether it is one.
"""

from __future__ import annotations

import re

from otel_llmcost.serve.clickhouse_http import allowed
from otel_llmcost.serve.clickhouse_http.quoting import QUOTED, blank, refused, split, strings
from otel_llmcost.store.session import Session

_TAKES_A_STRUCTURE = re.compile(r"\b(generaterandom|null|values|format)\s*\(", re.IGNORECASE)
_DICTIONARY_FUNCTION = re.compile(r"\bdict(?:get|has|isin|ionary)\w*\s*\(", re.IGNORECASE)
_DICTIONARY = re.compile(r"\s*'(?:llmcost\.)?\w+'\s*", re.ASCII)
_LITERAL = re.compile(r"\s*(?:'(?:[^'\\]|\\.)*'|-?\d[\w.]*)\s*", re.DOTALL)
_COLUMNS = re.compile(r"[\w\s,()=.+-]*", re.ASCII)
_QUOTES = re.compile(QUOTED.pattern + r'|"(?:[^"\\]|\\.)*"', re.DOTALL)


def check(session: Session, text: str, bare: str) -> None:
    """Look at every call in formatted SQL that takes a structure or a dictionary.

    Raises StoreError.
    """
    for call in _TAKES_A_STRUCTURE.finditer(bare):
        _check_call(session, call[1].lower(), _arguments(call, text, bare))
    for call in _DICTIONARY_FUNCTION.finditer(bare):
        if not _DICTIONARY.fullmatch(_arguments(call, text, bare)[0]):
            raise refused("a dictionary must be named by one plain string, as 'rate_dict'")


def _arguments(call: re.Match[str], text: str, bare: str) -> list[str]:
    return split(text[call.end() :], bare[call.end() :])


def _check_call(session: Session, name: str, arguments: list[str]) -> None:
    first = arguments[0].strip()
    if name == "format":
        # The function of strings begins with a pattern; the table function reads any expression.
        if not (first.startswith("'") and re.search(r"\W", first[1:-1])):
            raise refused(f"format({first[:40]}, …) is not allowed")
        return
    if name == "values":
        arguments = [] if _is_row(first) else [_unbracketed(first)]
    for argument in arguments:
        if argument.strip() and not _LITERAL.fullmatch(argument):
            raise refused(f"the columns of {name}() must be one plain string")
        for structure in strings(session, argument):
            _check_structure(structure)


def _is_row(text: str) -> bool:
    """Rows are expressions of the statement itself, which are checked with it."""
    return text.startswith("[") or (text.startswith("(") and len(_bracketed(text)) > 1)


def _bracketed(text: str) -> list[str]:
    return split(text[1:-1], blank(text[1:-1]))


def _unbracketed(text: str) -> str:
    while text.startswith("(") and text.endswith(")"):
        text = text[1:-1].strip()
    return text


def _check_structure(structure: str) -> None:
    bare = _QUOTES.sub(" ", structure)
    words = {word.lower() for word in re.findall(r"\w+", bare)}
    expressions = words & allowed.NO_TYPES
    if expressions or "--" in bare or not _COLUMNS.fullmatch(bare):
        found = sorted(expressions)[0].upper() if expressions else "anything but names and types"
        raise refused(f"{found} in a table structure is not allowed")
