# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""One store over two engines: a ClickHouse server, or its engine in this process (chDB).

`open_store(url)` gives a `Store`. A process that talks to the engine without one (the daemon) keeps
the same schema with `migrate.apply`, `refresh.load_prices` and `refresh.refresh`.
"""

from typing import TYPE_CHECKING, Any

from otel_llmcost.store.migrate import ObjectStatus
from otel_llmcost.store.opening import open_store

if TYPE_CHECKING:
    from otel_llmcost.store.store import Result, Store

__all__ = ["ObjectStatus", "Result", "Store", "open_store"]


def __getattr__(name: str) -> Any:
    """`Store` and `Result` need clickhouse-connect, which may not be installed."""
    if name in ("Result", "Store"):
        from otel_llmcost.store import store

        return getattr(store, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
