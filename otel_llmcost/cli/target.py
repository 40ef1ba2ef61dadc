# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Which store a command uses: `--url`, else `$LLMCOST_STORE`, else the user's data directory."""

from __future__ import annotations

import os
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from otel_llmcost.errors import ConfigError, StoreError

if TYPE_CHECKING:
    from otel_llmcost.store import Store


def store_path(environ: Mapping[str, str] = os.environ) -> str:
    """The default store: a path, or a URL when `$LLMCOST_STORE` is one."""
    named = environ.get("LLMCOST_STORE")
    if named:
        return named
    data = environ.get("XDG_DATA_HOME") or "~/.local/share"
    return str(Path(data, "otel-llmcost").expanduser())


def store_url(url: str | None, environ: Mapping[str, str] = os.environ) -> str:
    """The URL to open; paths become `chdb://` URLs with an absolute path."""
    text = url or store_path(environ)
    return text if "://" in text else f"chdb://{Path(text).expanduser().absolute()}"


@contextmanager
def opened(url: str | None, *, create: bool = False) -> Generator[Store]:
    """The store, open; a running daemon that owns it is found through the store's directory.

    Reading never creates a store: a path that holds none is an error that says how to begin.
    """
    from otel_llmcost.store import open_store

    address = store_url(url)
    if not create:
        _check_exists(address)
    store = open_store(address)
    try:
        yield store
    finally:
        store.close()


def local_path(address: str) -> Path | None:
    """Directory of an embedded store; None for a server or a store in memory."""
    if not address.startswith("chdb:///"):
        return None
    return Path(address.removeprefix("chdb://").split("?")[0])


def directory(address: str, command: str) -> Path:
    """The directory of an embedded store, made when it is missing, for commands that write to it.

    Raises ConfigError for a store that is none of this machine's, StoreError where it cannot be.
    """
    path = local_path(address)
    if path is None:
        raise ConfigError(
            f"{command} needs a local store: name a directory with --store or LLMCOST_STORE"
        )
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        why = error.strerror or error
        raise StoreError(f"cannot keep a store at {path} ({why}): name another directory") from None
    return path


def _check_exists(address: str) -> None:
    path = local_path(address)
    # Any other directory would get the engine's files as soon as it was opened.
    if path is not None and not (path / "store").is_dir():
        raise StoreError(
            f"there is no store at {path} yet: start `otel-llmcost serve`, "
            "run `otel-llmcost run -- python app.py`, or name another with --url"
        )
