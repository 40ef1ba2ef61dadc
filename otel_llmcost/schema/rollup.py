# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""A rollup is one file: a SELECT over whole hours or days, and a header. All else is rendered here.

`rollups/<public, internal or savings>/<name>.sql` states the columns, the sorting key and the
SELECT; the lines of the header are

- `Grain`, `Source`: as everywhere;
- `Bucket`: `hour` or `day`, which is also the name of that column;
- `Follows`: the rollup whose builds make this one's stale; none: the records themselves;
- `Looks back: 1 day`: a bucket is stale when the one before it changed, too;
- `Retention`: which option says how long rows stay;
- `Rebuilt: often`: superseded builds are merged away, because there will be many;
- `Quiet`, `At once`: how long a bucket has to be unchanged to be built (10 MINUTE), and how many
  are built in one pass (1; the newest first);
- `Settings`: of the table.

What comes of it: a table `<name>__rows`, `<name>__behind` (which buckets are stale),
`<name>__live` (the SELECT), the view `<name>`, and the build, which a process of ours runs as an
INSERT and a server as a refreshable materialized view. A bucket that is over is built as a whole,
from de-duplicated records; until then, and when something changed, the view computes it. So a
build changes speed, never a figure. docs/explanation/architecture.md has a picture of it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from string import Template
from typing import Literal

from otel_llmcost.schema.files import header, read, statement

PUBLIC, INTERNAL = "llmcost", "llmcost_internal"

_FILE = re.compile(
    r"CREATE TABLE llmcost(?:_internal)?\.\w+\n\(\n(.+?)\n\)\nORDER BY \((.+?)\)\nAS\n(.+)",
    re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Rollup:
    """One file, read."""

    name: str
    text: str
    folder: Literal["public", "internal", "savings"]
    """`public`: its view is for people. `savings`: only savings are computed from it."""

    @property
    def database(self) -> str:
        """Of its view."""
        return PUBLIC if self.folder == "public" else INTERNAL

    @property
    def table(self) -> str:
        """Where its rows are."""
        return f"{PUBLIC}.{self.name}__rows"

    @property
    def bucket(self) -> Literal["hour", "day"]:
        """What is built as a whole."""
        return "day" if header(self.text, "Bucket") == "day" else "hour"

    @property
    def follows(self) -> str:
        """The rollup whose builds make this one's stale; empty: the records themselves."""
        return header(self.text, "Follows")

    @property
    def columns(self) -> list[str]:
        """Names, in the order of the table."""
        return re.findall(r"^    (\w+) ", self._parts[0], re.MULTILINE)

    @property
    def columns_of_select(self) -> str:
        """Its SELECT's columns but the bucket, for a view of the same over other buckets."""
        return self._parts[2].partition("\n    ")[2].partition(",\n    ")[2].partition("\nFROM ")[0]

    @property
    def insert(self) -> str:
        """The statement that builds what is due; nothing, when nothing is."""
        names = ", ".join([*self.columns, "is_marker", "built_at"])
        return f"INSERT INTO {self.table} ({names})\n{self._render('build')}"

    @property
    def is_due(self) -> str:
        """A query with a row when something is to be built: a tenth of the work of building."""
        return f"SELECT 1 FROM ({self._due}) LIMIT 1"

    @property
    def is_bounded(self) -> bool:
        """Whether the view takes {since} and {until}."""
        return "{since:" in self._parts[2]

    def rebuild(self, where: str) -> str:
        """The statement that builds the buckets that a condition names, stale or not."""
        names = ", ".join(self.columns)
        return (
            f"INSERT INTO {self.table} ({names}, built_at)\n"
            f"SELECT {names}, now64(6) AS built_at FROM {INTERNAL}.{self.name}__live WHERE {where}"
        )

    def rows(self) -> str:
        """The table."""
        return self._render("rows")

    def builds(self) -> str:
        """The materialized view that notes builds in rollup_builds."""
        return self._render("builds")

    def views(self) -> dict[str, str]:
        """By name: which buckets are stale, the SELECT, and the view that reads built buckets and
        computes the others."""
        behind = {_behind(self.name): self._render("behind")} if self.follows else {}
        return {
            **behind,
            f"{self.name}__live": self._render("live"),
            self.name: self._render("reader_between" if self.is_bounded else "reader"),
        }

    def schedule(self) -> str:
        """The refreshable materialized view with which a server builds by its own clock."""
        return _scheduled(f"{self.name}__rows", self._render("build"), self.name)

    @property
    def _parts(self) -> tuple[str, str, str]:
        found = _FILE.search(self.text)
        if found is None:
            raise ValueError(f"rollups/{self.name}.sql: CREATE TABLE … ORDER BY … AS … expected")
        columns, key, select = found.groups()
        return columns, key, select.rstrip()

    @property
    def _due(self) -> str:
        if not self.follows:
            return f"SELECT {self.bucket} FROM {INTERNAL}.{_behind(self.name)}"
        return statement(self._fill(read("rollup_templates")["due"], {}))

    def _render(self, template: str) -> str:
        columns, key, select = self._parts
        often = header(self.text, "Rebuilt") == "often"
        settings = header(self.text, "Settings")
        names = ", ".join(self.columns)
        marker = [f"d.{self.bucket} AS {self.bucket}"]
        marker += [f"none.{name} AS {name}" for name in self.columns if name != self.bucket]
        bounds = "(since = arrayMin(due), until = arrayMax(due) + 1)" if self.is_bounded else ""
        return self._fill(
            read("rollup_templates")[template],
            {
                "bounds": bounds,
                "columns": columns,
                "database": self.database,
                "due": self._due if template == "build" else "",
                "engine": "ReplacingMergeTree(built_at)" if often else "MergeTree",
                "grain": _comment(self.text, "Grain"),
                "key": key,
                "marker_names": ", ".join(marker),
                "names": names,
                "select": select,
                "settings": f"{settings}, " if settings else "",
                "source": _comment(self.text, "Source"),
            },
        )

    def _fill(self, template: str, values: dict[str, str]) -> str:
        day = self.bucket == "day"
        # Which bucket changes with one of those that are followed.
        changes = "toDate($of)" if day else "$of"
        if header(self.text, "Looks back"):
            changes = "arrayJoin([toDate($of), toDate($of) + 1])"
        return Template(template).safe_substitute(
            {
                "behind": _behind(self.name),
                "follows": self.follows,
                "follows_behind": _behind(self.follows) if self.follows else "",
                "of_build": changes.replace("$of", "bucket"),
                "of_hour": changes.replace("$of", "hour"),
                "at_once": header(self.text, "At once") or "1",
                "bucket": self.bucket,
                "now": "toDate(now('UTC'))" if day else "toStartOfHour(now('UTC'))",
                "quiet": header(self.text, "Quiet") or "10 MINUTE",
                "retention": f"${{{header(self.text, 'Retention')}}}",
                "rollup": self.name,
                "to_bucket": "toDate" if day else "toDateTime",
                **values,
            }
        )


@dataclass(frozen=True, slots=True)
class Append:
    """A view whose rows are appended to a table at every refresh (`-- Appended to:`)."""

    name: str
    table: str
    columns: str
    """Of the table, by name."""

    @property
    def insert(self) -> str:
        """The statement of a refresh."""
        return f"INSERT INTO {PUBLIC}.{self.table} ({self.columns})\n{self._select}"

    def schedule(self) -> str:
        """The same for a server."""
        return _scheduled(self.table, self._select, self.name)

    @property
    def _select(self) -> str:
        # Wrong clocks can spread records over any number of partitions.
        return (
            f"SELECT {self.columns} FROM {INTERNAL}.{self.name}\n"
            "SETTINGS max_partitions_per_insert_block = 0"
        )


@cache
def rollups() -> dict[str, Rollup]:
    """All rollups by name, each after the one it follows: hours before days."""
    folders: tuple[Literal["public", "internal", "savings"], ...]
    folders = ("public", "internal", "savings")
    found = [
        Rollup(*item, folder) for folder in folders for item in read(f"rollups/{folder}").items()
    ]
    return {one.name: one for one in sorted(found, key=lambda one: one.bucket == "day")}


def _behind(name: str) -> str:
    """The view of a rollup's stale buckets."""
    return f"{name}__behind" if rollups()[name].follows else "stale_hours"


def _scheduled(table: str, select: str, name: str) -> str:
    return (
        f"-- Grain: appends to {table} what Store.refresh() would.\n"
        f"-- Source: as there. Servers only: a process of ours refreshes an embedded store.\n"
        f"CREATE MATERIALIZED VIEW IF NOT EXISTS {PUBLIC}.refresh_{name} ${{on_cluster}}\n"
        f"REFRESH EVERY 30 SECOND APPEND TO {PUBLIC}.{table} AS\n{statement(select)}"
    )


def _comment(text: str, name: str) -> str:
    """A line of the header and those that go on with it."""
    lines = text.split("\nCREATE", 1)[0].split("\n")
    at = next(n for n, line in enumerate(lines) if line.startswith(f"-- {name}: "))
    found = [lines[at].removeprefix(f"-- {name}: ")]
    for line in lines[at + 1 :]:
        if re.match(r"-- (Source|Bucket|Follows): ", line):
            break
        found.append(line)
    return "\n".join(found)
