# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Every exception this package raises on purpose.

    LLMCostError
    ├── ConfigError (ValueError)   a setting, overlay or argument is wrong
    ├── StoreError                 the store cannot do what was requested
    │   ├── StoreBusyError         another process owns the embedded store
    │   └── SchemaError            schema missing, too old, or drifted
    ├── MissingExtraError (ImportError)
    └── BudgetExceeded             only when the user opted in to blocking budgets

Each message is one line and names the fix. None of them ever escapes from inside a wrapped SDK
call, except `BudgetExceeded`, which the user switched on.
"""

from __future__ import annotations


class LLMCostError(Exception):
    """Base of all errors raised by otel-llmcost."""


class ConfigError(LLMCostError, ValueError):
    """A setting, price overlay or argument is wrong; the message names which and how to fix it."""


class StoreError(LLMCostError):
    """The store refused or could not be reached; `code` is ClickHouse's, None when it gave none."""

    def __init__(self, message: str, *, code: int | None = None) -> None:
        super().__init__(message)
        self.code = code


class StoreBusyError(StoreError):
    """Another process owns this embedded store; only one may, and the others go through it."""


class SchemaError(StoreError):
    """The schema is missing, older than this package, or was changed by hand."""


class MissingExtraError(LLMCostError, ImportError):
    """A feature needs packages of an extra that is not installed."""

    def __init__(self, extra: str, feature: str) -> None:
        super().__init__(f"{feature} needs an extra: pip install 'otel-llmcost[{extra}]'")
        self.extra = extra


class BudgetExceeded(LLMCostError):
    """A blocking budget (`LLMCOST_BUDGETS=1`) has no room left for this call."""
