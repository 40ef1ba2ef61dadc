# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Whoever else tells about calls, and whoever came first: each reply counts once."""

from __future__ import annotations

import pytest

from otel_llmcost.emulator import Emulator
from otel_llmcost.store import Store
from tests.coexistence.conftest import RunApp
from tests.coexistence.sink import Sink, ingest

WITH_SPANS_IN_OTLP = ("official", "openllmetry", "openinference", "logfire")
EMITTERS = (*WITH_SPANS_IN_OTLP, "sentry")
ALL = ("official", "openllmetry", "openinference")
NEVER_CURRENT = {
    "opentelemetry.instrumentation.anthropic",
    "openinference.instrumentation.anthropic",
}
"""Whose span our record cannot find above Anthropic's own; so they tell the reply again."""


def check_against_the_ledger(emulator: Emulator, sink: Sink) -> None:
    billed = {entry.response_id: entry.usd for entry in emulator.ledger.entries}
    told = [(told.attributes.get("gen_ai.response.id"), told.cost) for told in sink.records]
    assert sorted(told, key=str) == sorted(billed.items(), key=str)


@pytest.mark.parametrize("we_are_first", [True, False], ids=["ours_first", "theirs_first"])
@pytest.mark.parametrize("emitter", EMITTERS)
def test_each_reply_is_reported_once_by_us_and_never_on_a_second_span(
    run: RunApp, emulator: Emulator, sink: Sink, emitter: str, we_are_first: bool
) -> None:
    run("calls.all_ways", *(("ours", emitter) if we_are_first else (emitter, "ours")))
    check_against_the_ledger(emulator, sink)
    own_spans = [told for told in sink.told if told.is_ours and told.kind == "span"]
    # Sentry's spans go to Sentry alone, so ours are the only ones that OpenTelemetry gets.
    assert len(own_spans) == (12 if emitter == "sentry" else 0)


@pytest.mark.parametrize("native", ["0", "1"], ids=["off", "on"])
def test_the_built_in_tracing_of_anthropic_leaves_one_span_per_reply(
    run: RunApp, emulator: Emulator, sink: Sink, native: str
) -> None:
    run("calls.all_ways", "ours", NATIVE_TRACING=native)
    check_against_the_ledger(emulator, sink)
    usage = [told for told in sink.told if told.kind == "span" and told.bears_usage]
    assert len(usage) == 12
    assert sum(told.is_ours for told in usage) == (7 if native == "1" else 12)


@pytest.mark.parametrize(
    "emitters",
    [("ours", "official"), ("openllmetry", "ours"), ("ours", "openinference"), ("ours", "logfire"),
     (*ALL, "ours"), ("ours", *ALL)],
    ids="+".join,
)  # fmt: skip
def test_the_store_counts_each_reply_once_and_names_who_reported_it_again(
    run: RunApp,
    emulator: Emulator,
    sink: Sink,
    embedded_store: Store,
    emitters: tuple[str, ...],
) -> None:
    run("calls.all_ways", *emitters, NATIVE_TRACING="1")
    ingest(sink)
    embedded_store.refresh()
    billed = {entry.response_id: entry.usd for entry in emulator.ledger.entries}
    counted = embedded_store.query("SELECT response_id, cost_usd, source FROM llmcost.calls").rows
    assert sorted(counted, key=str) == sorted(
        ((reply, usd, "otel_llmcost") for reply, usd in billed.items()), key=str
    )
    # Spans that picture our record are no records; what else was told is a duplicate.
    others = {
        source
        for (source,) in embedded_store.query(
            "SELECT DISTINCT source FROM llmcost.llm_calls WHERE source != 'otel_llmcost'"
        ).rows
    }
    assert others <= {told.scope for told in sink.told}
    assert others >= NEVER_CURRENT & {told.scope for told in sink.told}
    (trust,) = embedded_store.query(
        "SELECT arrayDistinct(arrayFlatten(groupArray(double_counted_by))), sum(calls) "
        "FROM llmcost.trust"
    ).rows
    assert trust == (sorted(others), len(billed))
