# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Which store is meant: the one that is named, else `$LLMCOST_STORE`, else the user's own."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from otel_llmcost.errors import StoreError


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


def local_path(address: str) -> Path | None:
    """Directory of an embedded store; None for a server or a store in memory."""
    if not address.startswith("chdb:///"):
        return None
    return Path(address.removeprefix("chdb://").split("?")[0])


def check_exists(address: str) -> None:
    """Raise StoreError, which says how to begin, where `address` is a path without a store."""
    path = local_path(address)
    # Any other directory would get the engine's files as soon as it was opened.
    if path is not None and not (path / "store").is_dir():
        raise StoreError(
            f"there is no store at {path} yet: start `otel-llmcost serve`, "
            "run `otel-llmcost run -- python app.py`, or name another with --url"
        )
