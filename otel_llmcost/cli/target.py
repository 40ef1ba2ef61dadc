# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Which store a command uses: `--url`, else `$LLMCOST_STORE`, else the user's data directory."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from otel_llmcost.errors import ConfigError, StoreError
from otel_llmcost.store.location import check_exists, local_path, store_url

if TYPE_CHECKING:
    from otel_llmcost.store import Store

__all__ = ["directory", "local_path", "opened", "store_url"]


@contextmanager
def opened(url: str | None, *, create: bool = False) -> Generator[Store]:
    """The store, open; a running daemon that owns it is found through the store's directory.

    Reading never creates a store: a path that holds none is an error that says how to begin.
    """
    from otel_llmcost.store import open_store

    address = store_url(url)
    if not create:
        check_exists(address)
    store = open_store(address)
    try:
        yield store
    finally:
        store.close()


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
