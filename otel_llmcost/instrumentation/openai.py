# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Cost records for the `openai` SDK (>= 1.40)."""

from __future__ import annotations

from typing import Any

from otel_llmcost.instrumentation.patching.instrumentor import CostInstrumentor

__all__ = ["OpenAICostInstrumentor"]


class OpenAICostInstrumentor(CostInstrumentor):
    """Follows every billed reply of `openai` clients, Azure's included."""

    sdk = "openai"
    _sockets: Any = None

    def _installed(self, tracker: Any) -> None:
        from otel_llmcost.instrumentation.patching.websocket import WebSocketPatch

        self._sockets = WebSocketPatch(self.sdk, tracker.hosts, tracker.recorder)
        self._sockets.install()

    def _uninstrument(self, **kwargs: Any) -> None:
        sockets, self._sockets = self._sockets, None
        if sockets is not None:
            sockets.remove()
        super()._uninstrument(**kwargs)
