# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Who bills, by base URL; and one log line on how to declare an unknown host."""

from __future__ import annotations

import logging
from urllib.parse import urlsplit

from otel_llmcost import providers
from otel_llmcost.config import Config

_log = logging.getLogger(__name__)
_MAX_REMEMBERED = 1000


class Hosts:
    """The hosts one SDK talks to."""

    def __init__(self, sdk: str, config: Config) -> None:
        self._sdk = sdk
        self._declared = config.hosts
        self._by_model = any("/" in address for address in config.hosts)
        self._known: dict[tuple[str, str | None], tuple[str | None, str]] = {}
        self._named: set[str] = set()

    def lookup(self, base_url: str, model: object = None) -> tuple[str | None, str]:
        """Who bills `model` at `base_url` (None = an undeclared host), and its host name."""
        named = model if self._by_model and isinstance(model, str) else None
        found = self._known.get((base_url, named))
        if found is None:
            if len(self._known) > _MAX_REMEMBERED:
                self._known.clear()
            provider = providers.billing_provider(base_url, self._declared, self._sdk, named)
            found = self._known[base_url, named] = (provider, urlsplit(base_url).hostname or "")
        return found

    def name(self, base_url: str) -> None:
        """Say, once per host, which setting gives its calls a price."""
        address = urlsplit(base_url).netloc.rpartition("@")[2]
        if address not in self._named:
            self._named.add(address)
            _log.warning(
                "calls to %s are recorded without cost because it is unknown who bills there; "
                "set LLMCOST_HOSTS=%s=%s (or another provider)",
                *(address, address, self._sdk),
            )
