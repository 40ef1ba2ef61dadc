# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""The running daemon of a local store, from its `daemon.json`; or a temporary one."""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from otel_llmcost.errors import MissingExtraError
from otel_llmcost.store.owner import find_owner

_NEEDED = ("chdb", "clickhouse_connect", "grpc", "google.rpc", "starlette", "uvicorn", "jinja2")


def facts(store: Path) -> dict[str, Any] | None:
    """What the daemon that owns this store says about itself; None when no other process does."""
    if find_owner(store) is None:
        return None
    return json.loads((store / "daemon.json").read_text(encoding="utf-8"))


def require_extra(feature: str) -> None:
    """Raises MissingExtraError unless everything the daemon imports is installed."""
    for module in _NEEDED:
        try:
            found = importlib.util.find_spec(module)
        except ModuleNotFoundError:  # the parent of a dotted name is missing
            found = None
        if found is None:
            raise MissingExtraError("serve", feature)


@contextmanager
def running(store: Path) -> Generator[dict[str, Any]]:
    """The facts of this store's daemon; without one, starts one on free ports meanwhile."""
    found = facts(store)
    if found is not None:
        yield found
        return
    require_extra("a local store")
    from otel_llmcost.serve import Daemon, ServeConfig

    daemon = Daemon(
        ServeConfig(store=store, otlp_grpc_port=0, otlp_http_port=0, clickhouse_port=0, web_port=0)
    )
    daemon.start()
    try:
        yield daemon.facts
    finally:
        daemon.stop()
