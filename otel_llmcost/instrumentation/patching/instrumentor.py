# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""What the two instrumentors share: turn the patches on and off, whenever the SDK gets imported."""

from __future__ import annotations

import logging
import sys
from collections.abc import Collection
from types import ModuleType
from typing import Any, ClassVar, Self

from opentelemetry import trace
from opentelemetry._logs import get_logger_provider

from otel_llmcost import config
from otel_llmcost.guard import guard
from otel_llmcost.instrumentation.bodies import finalizer
from otel_llmcost.instrumentation.patching import thread_context

_log = logging.getLogger(__name__)
_active: set[str] = set()
_hooked: set[str] = set()
_warned = False


class CostInstrumentor:
    """Base of the instrumentors. `instrument()` never raises and never imports the SDK.

    It has what OpenTelemetry's `BaseInstrumentor` has and is none: loading that one takes as long
    as all else that `instrument()` does, for checks of versions that we do not want.
    """

    sdk: ClassVar[str]
    _instance: ClassVar[Any] = None
    _is_instrumented_by_opentelemetry = False
    _patch: Any = None
    _emitter: Any = None

    def __new__(cls, *_: object, **__: object) -> Self:
        """The one instance of the process."""
        if cls._instance is None:
            cls._instance = super().__new__(cls)
        return cls._instance

    @property
    def is_instrumented_by_opentelemetry(self) -> bool:
        """Whether it is on."""
        return self._is_instrumented_by_opentelemetry

    def instrumentation_dependencies(self) -> Collection[str]:
        """None: a missing or too old SDK must not stop the other instrumentors of the process."""
        return ()

    @guard("instrumentor.instrument")
    def instrument(self, **kwargs: Any) -> None:
        """Turn on; `tracer_provider`, `meter_provider`, `logger_provider` replace the globals."""
        if not self._is_instrumented_by_opentelemetry:
            self._instrument(**kwargs)
            self._is_instrumented_by_opentelemetry = True

    @guard("instrumentor.uninstrument")
    def uninstrument(self, **kwargs: Any) -> None:
        """Turn off and restore the SDK; calls and streams under way are followed to their end."""
        if self._is_instrumented_by_opentelemetry:
            self._uninstrument(**kwargs)
            self._is_instrumented_by_opentelemetry = False

    def _instrument(self, **kwargs: Any) -> None:
        names = ("tracer_provider", "meter_provider", "logger_provider")
        self._settings = {name: kwargs[name] for name in names if kwargs.get(name) is not None}
        _active.add(self.sdk)
        if not self._settings:
            _warn_when_records_go_nowhere()
        if config.active().otlp_endpoint:
            from otel_llmcost.instrumentation.records import events

            events.prepare()
        if config.active().threads:
            thread_context.install()
        module = f"{self.sdk}._base_client"
        if module in sys.modules:
            self._install(sys.modules[module])
        elif module not in _hooked:
            import wrapt  # slow to load, and needed only where the SDK comes later

            _hooked.add(module)
            wrapt.register_post_import_hook(self._on_import, module)

    @guard("instrumentor.on_import")
    def _on_import(self, module: ModuleType) -> None:
        # Hooks cannot be taken back, so this may run after uninstrument().
        if self.sdk in _active and self._patch is None:
            self._install(module)

    def _install(self, module: ModuleType) -> None:
        # Imported here: an application that never imports the SDK pays nothing.
        from otel_llmcost.instrumentation.calls.tracker import CallTracker
        from otel_llmcost.instrumentation.patching.http import HttpPatch
        from otel_llmcost.instrumentation.records import flush
        from otel_llmcost.instrumentation.records.emitter import Emitter

        settings = config.active()
        self._emitter = Emitter(settings, **self._settings)
        tracker = CallTracker(self.sdk, settings, self._emitter)
        patch = HttpPatch(tracker)
        try:
            missing = patch.install(module)
        except AttributeError as error:
            _log.warning("this version of %s cannot be instrumented: no %s", self.sdk, error)
            return
        if missing:
            _log.warning(
                "this version of %s has no %s: replies are recorded, their attempts may not be",
                *(self.sdk, ", ".join(missing)),
            )
        self._patch = patch
        if settings.sigterm:
            flush.on_sigterm()
        self._installed(tracker)

    def _installed(self, tracker: Any) -> None:
        """Called when the HTTP patch is in place; an SDK with more than HTTP overrides it."""

    def _uninstrument(self, **kwargs: Any) -> None:
        _active.discard(self.sdk)
        patch, self._patch = self._patch, None
        if patch is not None:
            patch.remove()
            self._emitter.shutdown()
        if not _active:
            thread_context.remove()
            finalizer.unwatch()
            if patch is not None:
                from otel_llmcost.instrumentation.records import flush

                flush.not_on_sigterm()


def _warn_when_records_go_nowhere() -> None:
    global _warned
    if _warned or config.active().otlp_endpoint:
        return
    # The API's own providers do nothing; any other, like Logfire's, goes somewhere.
    idle = ("opentelemetry.trace", "opentelemetry._logs")
    given = (trace.get_tracer_provider(), get_logger_provider())
    if not all(type(provider).__module__.startswith(idle) for provider in given):
        return
    _warned = True
    _log.warning(
        "no OpenTelemetry SDK is set up, so cost records go nowhere yet: start the application "
        "with `opentelemetry-instrument`, or set LLMCOST_OTLP_ENDPOINT=http://host:4318"
    )
