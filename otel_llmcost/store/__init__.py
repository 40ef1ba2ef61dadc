# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""One store over two engines: a ClickHouse server, or its engine in this process (chDB).

`open_store(url)` gives a `Store`. A process that talks to the engine without one (the daemon) keeps
the same schema with `migrate.apply`, `refresh.load_prices` and `refresh.refresh`.

Names are loaded when they are first used: commands that only need a store's address start faster,
and `Store` needs clickhouse-connect, which may not be installed.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from otel_llmcost.store.migrate import ObjectStatus
    from otel_llmcost.store.opening import open_store
    from otel_llmcost.store.result import Result
    from otel_llmcost.store.store import Store

__all__ = ["ObjectStatus", "Result", "Store", "open_store"]

_HOME = {"ObjectStatus": "migrate", "Result": "result", "Store": "store", "open_store": "opening"}


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
