# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Decides whether a reader may run a statement.

`readonly=1` alone does not hold in the embedded engine: `INTO OUTFILE` writes files, scalar
`file()` reads them, and several statements in one text all run. So each statement first goes
through the engine's own `formatQuery`, which refuses a second statement, drops comments and writes
quotes, heredocs and needless backquotes in one way. What is left outside of quotes is checked here.
"""

from __future__ import annotations

import json
import re
from typing import NamedTuple

from otel_llmcost.errors import StoreError
from otel_llmcost.ingest.session import Session, literal, store_error

_ACCESS_DENIED = 497
_READONLY = 164
_FIRST_WORDS = frozenset({"SELECT", "WITH", "SHOW", "DESCRIBE", "EXISTS", "EXPLAIN"})
_HARMLESS = """
    numbers numbers_mt zeros zeros_mt generateseries generate_series generaterandom values
    format null primes view dictionary
"""
_TABLE_FUNCTIONS = frozenset(_HARMLESS.split())
# Refused as bare words too: `APPLY(file)` calls a function without writing its bracket.
_NEVER = frozenset({"file", "reversednsquery", "python", "executable", "catboostevaluate"})
_QUOTED = re.compile(r"'(?:[^'\\]|\\.)*'|`(?:[^`\\]|\\.)*`", re.DOTALL)
_SETTINGS = re.compile(r"^SETTINGS (.*)$", re.MULTILINE)
_INNER_SETTINGS = re.compile(r"(?<!^)(?<!\w)SETTINGS\s+\w+\s*=", re.MULTILINE)

_OPEN_TO_READERS = """
    additional_table_filters any_join_distinct_right_table_keys asterisk_include_alias_columns
    cancel_http_readonly_queries_on_client_close date_time_output_format extremes final
    group_by_overflow_mode join_algorithm join_use_nulls limit max_block_size max_execution_time
    max_result_bytes max_result_rows max_rows_to_read max_bytes_to_read max_threads offset
    optimize_read_in_order output_format_json_quote_64bit_integers
    output_format_json_quote_decimals output_format_json_quote_denormals
    output_format_native_write_json_as_string read_overflow_mode result_overflow_mode
    session_timezone skip_unavailable_shards timeout_overflow_mode use_query_cache
"""
READER_SETTINGS = frozenset(_OPEN_TO_READERS.split())


class Admitted(NamedTuple):
    """A statement a reader may run, without its SETTINGS clause, and those settings."""

    sql: str
    settings: list[tuple[str, str]]
    """Names with values as SQL literals."""


def admit(session: Session, sql: str) -> Admitted:
    """Take a reader's statement. Raises StoreError with ClickHouse's code when it is refused."""
    text = _formatted(session, sql)
    bare = _blank(text)
    first = bare.split(maxsplit=1)[0] if bare.strip() else ""
    if first not in _FIRST_WORDS:
        raise _refused(f"this user may only read, and {first or 'nothing'} does not", _READONLY)
    if re.search(r"\bINTO\s+OUTFILE\b|^PARALLEL WITH\b", bare, re.MULTILINE):
        raise _refused("INTO OUTFILE and PARALLEL WITH are not allowed")
    if _INNER_SETTINGS.search(bare):
        raise _refused("SETTINGS of a subquery are not allowed", _READONLY)
    _check_calls(session, bare)
    settings: list[tuple[str, str]] = []
    for clause in reversed(list(_SETTINGS.finditer(bare))):
        start, end = clause.span(1)
        settings = _settings(text[start:end], bare[start:end]) + settings
        text = text[: clause.start()] + text[clause.end() :]
    for name, value in settings:
        if name not in READER_SETTINGS:
            raise _refused(f"setting {name} is not allowed", _READONLY)
        if name == "additional_table_filters":
            _check_filters(session, value)
    return Admitted(text, settings)


def _formatted(session: Session, sql: str) -> str:
    try:
        text = session.query(f"SELECT formatQuery({literal(sql)})", "RawBLOB").bytes()
    except RuntimeError as error:
        raise store_error(error) from error
    return text.decode("utf-8", "replace")


def _blank(text: str) -> str:
    """The text with everything inside quotes blanked, so that positions stay the same.

    A backquoted name keeps its letters where it is called: quoting must not hide a function.
    """

    def blank(match: re.Match[str]) -> str:
        quoted = match[0]
        if quoted[0] == "`" and text[match.end() :].lstrip().startswith("("):
            return f" {quoted[1:-1]} "
        return quoted[0] + " " * (len(quoted) - 2) + quoted[0]

    return _QUOTED.sub(blank, text)


def _check_calls(session: Session, bare: str) -> None:
    words = {word.lower() for word in re.findall(r"\w+", bare)}
    calls = {word.lower() for word in re.findall(r"(\w+)\s*\(", bare)}
    forbidden = (words & _NEVER) | (calls & _forbidden_table_functions(session))
    if forbidden:
        raise _refused(f"{sorted(forbidden)[0]} is not allowed")


def _forbidden_table_functions(session: Session) -> set[str]:
    """Every table function the engine has, but the few that only make numbers or rows."""
    names = session.query("SELECT lower(name) FROM system.table_functions", "TSVRaw").bytes()
    return set(names.decode().split()) - _TABLE_FUNCTIONS


def _settings(text: str, bare: str) -> list[tuple[str, str]]:
    depth, start, parts = 0, 0, list[str]()
    for at, char in enumerate(bare + ","):
        depth += (char in "{[(") - (char in "}])")
        if char == "," and depth == 0:
            parts.append(text[start:at])
            start = at + 1
    pairs = [part.partition("=") for part in parts]
    return [(name.strip().strip("`"), value.strip()) for name, _, value in pairs]


def _check_filters(session: Session, value: str) -> None:
    """A filter is an expression inside a string, which nothing has looked at yet."""
    strings = [match[0] for match in _QUOTED.finditer(value)]
    if not strings:
        return
    try:
        plain = session.query(f"SELECT [{', '.join(strings)}] AS texts", "JSONEachRow").bytes()
    except RuntimeError as error:
        raise store_error(error) from error
    for text in json.loads(plain)["texts"]:
        formatted = _formatted(session, f"SELECT 1 WHERE {text}")
        _check_calls(session, _blank(formatted))


def _refused(why: str, code: int = _ACCESS_DENIED) -> StoreError:
    name = "READONLY" if code == _READONLY else "ACCESS_DENIED"
    return StoreError(f"Code: {code}. DB::Exception: {why}. ({name})", code=code)
