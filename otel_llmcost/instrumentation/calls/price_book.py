# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""The prices an application's calls are priced at."""

from __future__ import annotations

import logging
from functools import cache

from otel_llmcost.errors import ConfigError
from otel_llmcost.pricing import PriceBook

_log = logging.getLogger(__name__)


@cache
def book() -> PriceBook:
    """The shipped prices and the user's overlays; a broken overlay costs one warning, no price."""
    try:
        return PriceBook.default()
    except ConfigError as error:
        _log.warning("%s; pricing goes on with list prices", error)
        return PriceBook()
