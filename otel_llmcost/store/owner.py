# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Who owns an embedded store: one process may, and says so in `<store>/daemon.json`."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import IO, Any, NamedTuple, cast
from urllib.parse import quote, urlsplit, urlunsplit


class Owner(NamedTuple):
    """A running `otel-llmcost serve`, as the store's directory describes it."""

    pid: int
    http_url: str
    """Its ClickHouse HTTP dialect."""
    users: dict[str, str]
    """Passwords by user, as far as this process may read them."""

    def url(self, user: str) -> str:
        """Address of the database for this user, or for `reader` where its secret is not
        readable."""
        user = user if self.users.get(user) else "reader"
        secret = self.users.get(user, "")
        parts = urlsplit(self.http_url)
        login = f"{user}:{quote(secret, safe='')}" if secret else user
        host = parts.netloc.rpartition("@")[2]
        return urlunsplit((parts.scheme, f"{login}@{host}", "/llmcost", "", ""))


def find_owner(path: Path) -> Owner | None:
    """The live process that owns the store, unless it is this one; None when there is none.

    The engine's lock decides: a file that a killed daemon left behind names a process that may be
    gone, or by now be another one.
    """
    try:
        content: Any = json.loads((path / "daemon.json").read_text(encoding="utf-8"))
        facts = cast("dict[str, Any]", content)
        users = cast("dict[str, Any]", facts.get("users") or {})
        owner = Owner(
            int(facts["pid"]),
            str(facts["http_url"]),
            {name: str(secret) for name, secret in users.items()},
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
    return owner if owner.pid == locking_pid(path) else None


def locking_pid(path: Path) -> int | None:
    """The other process that has the engine open on this path, daemon or not; None when none has.

    Checked before opening: the engine would print its own message to stderr first.
    """
    try:
        with (path / "status").open(encoding="utf-8") as status:
            found = re.search(r"^PID: (\d+)", status.read(), re.MULTILINE)
            pid = int(found[1]) if found else 0
            if pid == os.getpid() or _lock(status):
                return None
            return pid
    except OSError:
        return None


def _lock(file: IO[str]) -> bool:
    """Whether the lock is free; closing the file gives it back."""
    import fcntl  # not on Windows, where servers are reached and no embedded store exists

    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
