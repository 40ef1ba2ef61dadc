# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Own or annotate: does another emitter report this call already?

Two usage-bearing spans for one reply are counted twice by everything downstream, so where another
emitter covers the call we start no span of our own.
"""

from __future__ import annotations

import sys
import weakref
from collections.abc import Mapping
from typing import Any, Literal, cast

from opentelemetry import context as otel_context
from opentelemetry.context import Context
from opentelemetry.trace import NoOpTracer, ProxyTracer, Span

from otel_llmcost import semconv
from otel_llmcost.providers import api_of_sdk

Emitter = Literal["span", "native", "instrumentor"]
"""Who covers a call: a GenAI span that is current, the SDK's own tracing, or an instrumentor."""

# Spans that enclose calls without standing for one of them.
_ENCLOSING = frozenset(
    {"invoke_agent", "agent_step", "create_agent", "execute_tool", "invoke_workflow"}
)
_GENAI_KEYS = (
    semconv.OPERATION,
    semconv.PROVIDER,
    "gen_ai.system",
    semconv.REQUEST_MODEL,
    "llm.request.type",
)
_OPENINFERENCE_CALLS = ("LLM", "EMBEDDING")

# OpenLLMetry's framework instrumentors set this around calls whose span they make themselves.
_OPENLLMETRY_COVERS = "suppress_language_model_instrumentation"

_SUPPRESSED = "suppress_instrumentation"
_SDK_SUPPRESSED = otel_context._SUPPRESS_INSTRUMENTATION_KEY  # pyright: ignore[reportPrivateUsage] - checked by the SDK

_annotated: weakref.WeakSet[Span] = weakref.WeakSet()


def attributes_of(span: Span) -> Mapping[str, Any]:
    """What is on `span` so far; empty for spans that do not record."""
    return cast("Mapping[str, Any]", getattr(span, "attributes", None) or {})


def covers_a_call(span: Span) -> bool:
    """Whether `span` is another emitter's open span for one model call."""
    if not span.is_recording() or _is_ours(span):
        return False
    attributes = attributes_of(span)
    operation = attributes.get(semconv.OPERATION)
    if operation in _ENCLOSING:
        return False
    if any(key in attributes for key in _GENAI_KEYS):
        return True
    return attributes.get("openinference.span.kind") in _OPENINFERENCE_CALLS


def leaves_it_to_us(now: Span, context: Context) -> bool:
    """Whether to follow the call that is about to be made in `context`, whose span is `now`.

    Suppressed instrumentation is left alone, except inside another emitter's call span: Logfire
    suppresses there by default, so that no second span is made, and our event is not one.
    """
    # As `is_instrumentation_enabled`, which looks for the context twice more.
    suppressed = context and (context.get(_SUPPRESSED) or context.get(_SDK_SUPPRESSED))
    return not suppressed or covers_a_call(now)


def emitter_at_request(
    sdk: str, client: Any, options: Any, now: Span, context: Context
) -> Emitter | None:
    """Who will cover the call that is about to be made; None = no other emitter, so we do."""
    if covers_a_call(now):
        return "span"
    if _traces_natively(client, options):
        return "native"
    if context.get(_OPENLLMETRY_COVERS) or _instrumentor_is_active(sdk):
        return "instrumentor"
    # Logfire marks clients and client classes; its span may start below our patch.
    if getattr(client, "_is_instrumented_by_logfire", False):
        return "instrumentor"
    return None


def may_annotate(span: Span) -> bool:
    """Whether `span` may show one more reply; each span shows one."""
    if not span.is_recording() or span in _annotated:
        return False
    _annotated.add(span)
    return True


def _is_ours(span: Span) -> bool:
    scope = getattr(span, "instrumentation_scope", None)
    return getattr(scope, "name", None) == semconv.SCOPE


def _traces_natively(client: Any, options: Any) -> bool:
    """anthropic >= 1.14 makes a span for every SDK method, given a tracer that does something."""
    tracer = getattr(client, "_tracer", None)
    # Requests that no SDK method made, like `client.post(...)`, have no span name and get no span.
    # Options without that field, as openai's, take long to say so: they are models of pydantic.
    if tracer is None or not getattr(options, "span_name", None):
        return False
    if isinstance(tracer, ProxyTracer):
        tracer = tracer._tracer  # pyright: ignore[reportPrivateUsage] - the tracer it stands for
    return tracer is not None and not isinstance(tracer, NoOpTracer)


def _instrumentor_is_active(sdk: str) -> bool:
    # Their spans are not always current (OpenLLMetry) or do not look like GenAI spans
    # (OpenInference).
    for module_name, class_name in api_of_sdk(sdk).sdk.instrumentors:
        module = sys.modules.get(module_name)
        if module is None:
            continue
        # Requesting the instance would make one, so look at what is there.
        instance = getattr(getattr(module, class_name, None), "_instance", None)
        if getattr(instance, "_is_instrumented_by_opentelemetry", False):
            return True
    return False
