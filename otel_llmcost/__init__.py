# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""What every LLM call really costs: exact, per feature, over OpenTelemetry.

The whole public API. Importing it changes nothing and loads no SDK, engine or price data;
each name is loaded when it is first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from otel_llmcost.allocation import allocate, current_allocation, feature
    from otel_llmcost.errors import BudgetExceeded
    from otel_llmcost.instrumentation import flush, instrument, uninstrument
    from otel_llmcost.measuring import measure
    from otel_llmcost.outcomes import outcome
    from otel_llmcost.pricing import PriceBook, price_response
    from otel_llmcost.store import open_store
    from otel_llmcost.usage import Cost, Usage

__version__ = "0.1.0"

__all__ = [
    "BudgetExceeded",
    "Cost",
    "PriceBook",
    "Usage",
    "allocate",
    "current_allocation",
    "feature",
    "flush",
    "instrument",
    "measure",
    "open_store",
    "outcome",
    "price_response",
    "uninstrument",
]

_HOME = {
    "BudgetExceeded": "errors",
    "Cost": "usage",
    "PriceBook": "pricing",
    "Usage": "usage",
    "allocate": "allocation",
    "current_allocation": "allocation",
    "feature": "allocation",
    "flush": "instrumentation",
    "instrument": "instrumentation",
    "load_ipython_extension": "notebook",
    "measure": "measuring",
    "open_store": "store",
    "outcome": "outcomes",
    "price_response": "pricing",
    "uninstrument": "instrumentation",
}


def __getattr__(name: str) -> Any:
    home = _HOME.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{home}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
