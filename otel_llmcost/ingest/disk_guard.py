# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Room on the store's disk: no write is begun that a full disk could cut off, and none stays so.

The engine reports most writes that fail on a full disk, but not one that fails while it closes a
file: a part is then torn although it was committed. So writes are refused while some room is left,
merges stop well before that, an insert that ran while the room went is not acknowledged, and what
was written meanwhile is read again once there is room.
"""

from __future__ import annotations

import logging
import shutil
import threading
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from otel_llmcost.errors import StoreError
from otel_llmcost.store.session import fetch, open_session, run

_log = logging.getLogger(__name__)

REFUSE_BELOW = 64 << 20
"""Above the largest group of bodies, written to several tables, compressed."""
MERGE_ABOVE = 256 << 20
"""A merge writes what it reads once more, while whatever else fills the disk goes on."""
_MERGE_AGAIN = MERGE_ABOVE + (64 << 20)
_POLL_S = 0.02
_NO_SPACE = 243
_ENGINE_FOUND_IT_FULL = "No space left on device"
# chDB removes at once what was merged; kept as a server keeps it, a torn merge costs nothing.
_KEEP_SOURCES = "old_parts_lifetime = 480"
_TABLES = (
    "SELECT name, create_table_query FROM system.tables "
    "WHERE database = 'llmcost' AND engine LIKE '%MergeTree' ORDER BY name"
)
_WRITTEN_SINCE = (
    "SELECT name FROM system.parts "
    "WHERE active AND database = 'llmcost' AND table = '{}' AND modification_time >= {}"
)


def free_bytes(data: Path) -> int:
    """Bytes that can still be written to the disk of a store. Raises OSError when it is gone."""
    return shutil.disk_usage(data).free


class DiskGuard:
    """Watches the disk of the embedded store at `data` until `close`."""

    def __init__(self, data: Path) -> None:
        self._data = data
        self._session = open_session(data)
        self._lock = _lock_file(data)
        self._salt = ""
        self._full_at = 0.0
        self._low_since: float | None = None
        self._failed = ""
        self._keeps_sources = False
        self._closing = threading.Event()
        self._look_or_say()
        self.thread = threading.Thread(target=self._watch, name="llmcost-disk-guard", daemon=True)
        self.thread.start()

    @property
    def is_low(self) -> bool:
        """Whether so little is free that merges are stopped."""
        return self._low_since is not None

    def problem(self) -> str:
        """Why nothing may be written just now; '' when it may."""
        try:
            free = self._note_full()
            # The engine opens files by path: another directory there is not the store it has open.
            if _lock_file(self._data) != self._lock:
                return f"another directory is at {self._data}: move the store back"
        except OSError as error:
            why = error.strerror or error
            return f"the store {self._data} cannot be reached ({why}): move it back"
        if free < REFUSE_BELOW:
            return f"the disk is full: {free >> 20} MB free at {self._data}"
        return ""

    @contextmanager
    def writing(self) -> Generator[str]:
        """Around an insert. Raises StoreError, before it when there is no room, and after it when
        the disk may have cut it off: then it has to be sent again.

        Yields what belongs into its deduplication token: another text after each such failure, or
        the engine would take the second attempt for a repetition of the first.
        """
        began = time.time()
        if why := self.problem():
            raise StoreError(why, code=_NO_SPACE if self._full_at >= began else None)
        cause: StoreError | None = None
        try:
            yield self._salt
        except StoreError as error:
            # The engine's own code says which file it could not write, not that the disk is full.
            cause = error
        self.problem()
        if self._full_at >= began or _ENGINE_FOUND_IT_FULL in str(cause):
            self._salt = f"{time.time_ns()}-"
            why = "the disk was full for a moment: send this again"
            raise StoreError(why, code=_NO_SPACE) from cause
        if cause is not None:
            raise cause

    def close(self) -> None:
        """Stop watching."""
        self._closing.set()
        self.thread.join()
        self._session.close()

    def _note_full(self) -> int:
        free = free_bytes(self._data)
        if free < REFUSE_BELOW:
            self._full_at = time.time()
        return free

    def _watch(self) -> None:
        while not self._closing.wait(_POLL_S):
            self._look_or_say()

    def _look_or_say(self) -> None:
        try:
            self._look()
            self._failed = ""
        except Exception as error:  # noqa: BLE001 - the watch must go on whatever it meets
            if self._failed != str(error):
                _log.warning("cannot look after the disk of the store: %s", error)
            self._failed = str(error)

    def _look(self) -> None:
        now = time.time()
        free = self._note_full()
        if not self._keeps_sources and free >= REFUSE_BELOW:
            for table, definition in self._rows(_TABLES):
                if _KEEP_SOURCES not in str(definition):
                    self._run(f"ALTER TABLE llmcost.`{table}` MODIFY SETTING {_KEEP_SOURCES}")
            self._keeps_sources = True
        if self._low_since is None and free < MERGE_ABOVE:
            self._run("SYSTEM STOP MERGES")
            self._low_since = now
            _log.warning("%d MB free at %s: merges are stopped", free >> 20, self._data)
        elif self._low_since is not None and free >= _MERGE_AGAIN:
            if self._full_at >= self._low_since:
                self._mend(since=int(self._low_since) - 2)
            self._run("SYSTEM START MERGES")
            self._low_since = None
            _log.warning("%d MB free at %s: merges go on", free >> 20, self._data)

    def _mend(self, *, since: int) -> None:
        """Take torn parts out. What they were merged from is still there and counts again; what
        was inserted into them was never acknowledged."""
        torn = [str(table) for table, _ in self._rows(_TABLES) if self._is_torn(str(table), since)]
        for table in torn:
            _log.warning("a part of %s was cut off by the full disk: loading the table anew", table)
            self._run(f"DETACH TABLE llmcost.`{table}`")
            self._run(f"ATTACH TABLE llmcost.`{table}`")
        if torn:
            # Rollup hours may have gone with them: all are rebuilt.
            self._run("TRUNCATE TABLE llmcost.rollup_builds")

    def _is_torn(self, table: str, since: int) -> bool:
        for (part,) in self._rows(_WRITTEN_SINCE.format(table, since)):
            try:
                checked = self._rows(f"CHECK TABLE llmcost.`{table}` PART '{part}'")
            except StoreError:
                return True
            if any(str(passed) != "1" for _, passed, *_ in checked):
                return True
        return False

    def _run(self, sql: str) -> None:
        run(self._session, sql)

    def _rows(self, sql: str) -> list[list[object]]:
        return fetch(self._session, sql)


def _lock_file(data: Path) -> tuple[int, int]:
    """Identity of the file the engine holds its lock on. Raises OSError."""
    found = (data / "status").stat()
    return found.st_dev, found.st_ino
