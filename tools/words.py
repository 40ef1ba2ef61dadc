"""Checks the words of the repository: plain English, the field's terms, one word for one thing.

`python -m tools.words` reads every text file in Git: names (split at `_` and at capitals),
comments, strings, SQL, pages and documents. It fails when a folder holds more of a word than
`tools/words_allowed.txt` allows, and says where. `--update` lowers what is allowed to what is left.
CONTRIBUTING.md, section Words, shows the list to people; `--markdown` prints that table.
"""

from __future__ import annotations

import argparse
import io
import re
import subprocess
import sys
import tokenize
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path
from typing import Literal

ROOT = Path(__file__).resolve().parent.parent
ALLOWED = ROOT / "tools" / "words_allowed.txt"
CONTRIBUTING = ROOT / "CONTRIBUTING.md"


@dataclass(frozen=True, slots=True)
class Rule:
    """Words not to use. `names`: not as a name in Python or SQL; prose may use them."""

    words: str
    instead: str
    why: str
    where: Literal["anywhere", "names"] = "anywhere"


RULES = (
    Rule("told tell tells telling", "reported, says, shows, distinguishes", "programs report"),
    Rule("asked ask asks asking", "requested, queried, required", "requests and queries"),
    Rule("dearest", "most expensive", "current English"),
    Rule("dear dearer dearly", "expensive, slow", "current English"),
    Rule("nobody", "none, unknown, no one", "absence is data"),
    Rule("knows lives sits", "has, is in, is", "code has no mind"),
    Rule("unusable", "invalid", "validation's word"),
    Rule("tally tallies", "statistics, ledger, count", "says which"),
    Rule("complaint complaints", "error message, problem", "Python's word"),
    Rule("courtesy", "annotation", "OTel's word"),
    Rule("seam seams", "patch", "instrumentation's word"),
    Rule("biller billers payer payers", "billing provider", "one word"),
    Rule("dull", "plain, ordinary", "says which"),
    Rule("pictured", "shown, recorded", "not a verb"),
    Rule("monster creep bloat blowup blowups", "outlier, drift, growth, spike", "shown on call"),
    Rule("hello", "handshake, greeting", "protocol's word", "names"),
    Rule("side sides", "period, party, kind", "too many meanings", "names"),
    Rule("room", "free space, capacity", "too many meanings", "names"),
    Rule("wire", "transport, protocol", "says which", "names"),
    Rule("driver drivers", "tracker, cause, client", "too many meanings", "names"),
    Rule("meter meters", "usage counter, cost", "OTel has Meter", "names"),
    Rule("whole", "total, complete, is_total", "says which", "names"),
    Rule("picture", "image, record", "says which", "names"),
    Rule("figures", "formatting, numbers, values", "says which", "names"),
)


@dataclass(frozen=True, slots=True)
class Quotation:
    """A place where a word is right: the word, files (a glob), a piece of the line, and why."""

    word: str
    files: str
    line: str
    why: str


QUOTATIONS = (
    Quotation("asked", "*", "own-an-fast-asked-standard-served", "the name of a billing case"),
    Quotation("whole", "*", "whole_units", "a price of integers of a unit"),
    Quotation("meter", "*", "meter.create_histogram", "OpenTelemetry's own name"),
    Quotation("nobody", "docker-compose.yml", "USER nobody", "Unix's own name"),
    Quotation("whole", "otel_llmcost/providers/*", "whole_count", "an integer"),
    Quotation("whole", "otel_llmcost/providers/*", "part", "part and whole"),
    Quotation("meter", "*", "meter.create_counter", "OpenTelemetry's own name"),
    Quotation("nobody", "tests/schema/cases/*", "of-nobody", "a made-up model"),
    Quotation("nobody", "tests/schema/*", "of-nobody", "a made-up model"),
    Quotation("tell", "*", ".tell()", "Python's file method"),
    Quotation("asking", "otel_llmcost/demo/prompts.py", "", "a customer's text"),
    Quotation("driver", "*", "clickhouse_connect.driver", "the library's module"),
    Quotation("meter", "*", "get_meter", "OpenTelemetry's own name"),
    Quotation("meter", "*", "meter_provider", "OpenTelemetry's own name"),
    Quotation("meter", "*", "MeterProvider", "OpenTelemetry's own name"),
)

# Not ours to word: data, generated files, texts that quote old names, and this list.
SKIPPED = (
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "LICENSE",
    "tools/words.py",
    "tools/words_allowed.txt",
    "otel_llmcost/pricing/data/*",
    "tests/data/*",
    "otel_llmcost/serve/web/static/vendor/*",
    "tests/web/axe/*",
    "*.json",
    "*.jsonl",
    "*.csv",
    "*.lock",
)
_BINARY = (
    ".png",
    ".svg",
    ".ico",
    ".gz",
    ".bin",
    ".woff2",
    ".jpg",
    ".webp",
    ".gif",
    ".parquet",
    ".zip",
)

_WORDS = {word: rule for rule in RULES for word in rule.words.split()}
_PIECE = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
_SQL_PROSE = re.compile(r"--[^\n]*|'(?:[^'\\]|\\.|'')*'")


@dataclass(frozen=True, slots=True)
class Finding:
    """A word of the list in a file: where it stands, and the line."""

    file: str
    line: int
    word: str
    text: str

    @property
    def folder(self) -> str:
        """The folder that the allowance counts by: two levels inside the package, one outside."""
        parts = self.file.split("/")[:-1]
        return "/".join(parts[: 2 if parts[:1] == ["otel_llmcost"] else 1]) or "."


def in_git(root: Path) -> list[str]:
    """The files in Git that exist, by their path below `root`."""
    listed = subprocess.run(
        ["git", "ls-files"], cwd=root, check=True, capture_output=True, text=True
    )
    return [file for file in listed.stdout.splitlines() if (root / file).is_file()]


def files(root: Path = ROOT) -> list[str]:
    """The text files in Git that the list is for."""
    return [
        file
        for file in in_git(root)
        if not file.endswith(_BINARY) and not any(fnmatch(file, skip) for skip in SKIPPED)
    ]


def findings(file: str, text: str) -> Iterator[Finding]:
    """Every word of the list in one file's text, its path included."""
    lines = text.splitlines()
    names = _names(file, text)
    for number, line in enumerate([file, *lines]):
        for word, count in Counter(_pieces(line)).items():
            rule = _WORDS.get(word)
            if rule is None or _is_quoted(word, file, line):
                continue
            found = (
                count
                if rule.where == "anywhere" or number == 0
                else names.get(number, Counter())[word]
            )
            for _ in range(found):
                yield Finding(file, number, word, line.strip())


def _is_quoted(word: str, file: str, line: str) -> bool:
    return any(q.word == word and fnmatch(file, q.files) and q.line in line for q in QUOTATIONS)


def _pieces(text: str) -> Iterator[str]:
    return (piece.lower() for piece in _PIECE.findall(text))


def _names(file: str, text: str) -> dict[int, Counter[str]]:
    """The words in names, by line; none in files that are not code."""
    found: dict[int, Counter[str]] = defaultdict(Counter)
    if file.endswith(".py"):
        for token in tokenize.generate_tokens(io.StringIO(text).readline):
            if token.type == tokenize.NAME:
                found[token.start[0]].update(_pieces(token.string))
    elif file.endswith(".sql"):
        code = _SQL_PROSE.sub(lambda prose: "\n" * prose.group().count("\n"), text)
        for number, line in enumerate(code.splitlines(), 1):
            found[number].update(_pieces(line))
    return found


def all_findings(root: Path = ROOT) -> list[Finding]:
    """Every word of the list in the repository."""
    return [
        finding
        for file in files(root)
        for finding in findings(file, (root / file).read_text(encoding="utf-8", errors="replace"))
    ]


def allowed() -> Counter[tuple[str, str]]:
    """How many of a word a folder may still hold."""
    rows = (
        line.split()
        for line in ALLOWED.read_text().splitlines()
        if line and not line.startswith("#")
    )
    return Counter({(folder, word): int(count) for folder, word, count in rows})


def markdown() -> str:
    """The list as the table in CONTRIBUTING.md."""
    rows = [
        f"| {', '.join(rule.words.split())} | {rule.instead} | {rule.why} | {rule.where} |"
        for rule in RULES
    ]
    return "\n".join(["| not | but | why | where |", "|---|---|---|---|", *rows])


def main() -> int:
    """Prints what is too many and returns 1, or returns 0."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument(
        "--update", action="store_true", help="lower what is allowed to what is left"
    )
    parser.add_argument(
        "--markdown", action="store_true", help="print the table of CONTRIBUTING.md"
    )
    parser.add_argument("--all", action="store_true", help="show what is allowed for now, too")
    parser.add_argument("paths", nargs="*", help="only files that begin like this")
    options = parser.parse_args()
    if options.markdown:
        print(markdown())
        return 0
    found = all_findings()
    if options.paths:
        found = [finding for finding in found if finding.file.startswith(tuple(options.paths))]
    counts = Counter((finding.folder, finding.word) for finding in found)
    if options.update:
        _lower(counts)
        return 0
    over = {place for place, count in counts.items() if count > allowed()[place]}
    for finding in found:
        if options.all or (finding.folder, finding.word) in over:
            place = f"{finding.file}:{finding.line}"
            instead = _WORDS[finding.word].instead
            print(f"{place}: {finding.word} (write {instead}): {finding.text[:160]}")
    if CONTRIBUTING.exists() and markdown() not in CONTRIBUTING.read_text():
        print("CONTRIBUTING.md, Words, is not this list: put in `python -m tools.words --markdown`")
        return 1
    return 1 if over else 0


def _lower(counts: Counter[tuple[str, str]]) -> None:
    old = allowed() if ALLOWED.exists() else counts
    rows = [
        f"{folder} {word} {min(count, old[folder, word])}\n"
        for (folder, word), count in sorted(counts.items())
        if old[folder, word]
    ]
    title = "# Words of the list that are left: folder, word, how many. It only shrinks.\n"
    ALLOWED.write_text(title + "".join(rows))


if __name__ == "__main__":
    sys.exit(main())
