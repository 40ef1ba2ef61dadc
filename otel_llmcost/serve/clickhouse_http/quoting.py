# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""One statement as the engine's own `formatQuery` writes it, and what of it is outside of quotes.

The formatter refuses a second statement, drops comments, and writes quotes, heredocs and needless
backquotes in one way. Only its text is ever run, so what is checked is what runs.
"""

from __future__ import annotations

import json
import re

from otel_llmcost.errors import StoreError
from otel_llmcost.store.session import Session, literal, store_error

ACCESS_DENIED = 497
READONLY = 164
QUOTED = re.compile(r"'(?:[^'\\]|\\.)*'|`(?:[^`\\]|\\.)*`", re.DOTALL)
# Never in formatted text; were they, the engine and `blank` could disagree about what is quoted.
_OTHER_QUOTES = re.compile(r"--|/\*|#|\$|[\"\u2018\u2019\u201c\u201d]")


def refused(why: str, code: int = ACCESS_DENIED) -> StoreError:
    """The error of a statement that its user may not run."""
    name = "READONLY" if code == READONLY else "ACCESS_DENIED"
    return StoreError(f"Code: {code}. DB::Exception: {why}. ({name})", code=code)


def formatted(session: Session, sql: str) -> str:
    """The statement in the engine's own style. Raises StoreError unless it is exactly one, and for
    `INTO OUTFILE`, which writes files of the machine for whoever sends it."""
    try:
        text = session.query(f"SELECT formatQuery({literal(sql)})", "RawBLOB").bytes()
    except RuntimeError as error:
        raise store_error(error) from error
    found = text.decode("utf-8", "replace")
    bare = blank(found)
    if _OTHER_QUOTES.search(bare):
        raise refused("this statement cannot be checked: write it without $ and # in names")
    if re.search(r"\bINTO\s+OUTFILE\b", bare):
        raise refused("INTO OUTFILE is not allowed")
    return found


def blank(text: str) -> str:
    """Formatted text with everything inside quotes blanked, so that positions stay the same.

    A backquoted name keeps its letters where it is called: quoting must not hide a function.
    """

    def blanked(match: re.Match[str]) -> str:
        quoted = match[0]
        if quoted[0] == "`" and text[match.end() :].lstrip().startswith("("):
            return f" {quoted[1:-1]} "
        return quoted[0] + " " * (len(quoted) - 2) + quoted[0]

    return QUOTED.sub(blanked, text)


def split(text: str, bare: str) -> list[str]:
    """The parts of a list, at its commas outside of quotes and brackets; ends with the bracket
    that closes the list."""
    depth, start, parts = 0, 0, list[str]()
    for at, char in enumerate(bare):
        depth += (char in "{[(") - (char in "}])")
        if depth < 0:
            return [*parts, text[start:at]]
        if char == "," and depth == 0:
            parts.append(text[start:at])
            start = at + 1
    return [*parts, text[start:]]


def strings(session: Session, text: str) -> list[str]:
    """What the string literals in this piece of formatted text say."""
    found = [match[0] for match in QUOTED.finditer(text) if match[0][0] == "'"]
    if not found:
        return []
    try:
        plain = session.query(f"SELECT [{', '.join(found)}] AS texts", "JSONEachRow").bytes()
    except RuntimeError as error:
        raise store_error(error) from error
    return [str(said) for said in json.loads(plain)["texts"]]
