# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Whoever else reports calls, and whoever came first: each reply counts once."""

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
"""Whose span our record cannot find above Anthropic's own; so they report the reply again."""


def check_against_the_ledger(emulator: Emulator, sink: Sink) -> None:
    billed = {entry.response_id: entry.usd for entry in emulator.ledger.entries}
    reported = [
        (reported.attributes.get("gen_ai.response.id"), reported.cost) for reported in sink.records
    ]
    assert sorted(reported, key=str) == sorted(billed.items(), key=str)


@pytest.mark.parametrize("we_are_first", [True, False], ids=["ours_first", "theirs_first"])
@pytest.mark.parametrize("emitter", EMITTERS)
def test_each_reply_is_reported_once_by_us_and_never_on_a_second_span(
    run: RunApp, emulator: Emulator, sink: Sink, emitter: str, we_are_first: bool
) -> None:
    run("calls.all_ways", *(("ours", emitter) if we_are_first else (emitter, "ours")))
    check_against_the_ledger(emulator, sink)
    own_spans = [
        reported for reported in sink.reported if reported.is_ours and reported.kind == "span"
    ]
    # Sentry's spans go to Sentry alone, so ours are the only ones that OpenTelemetry gets.
    assert len(own_spans) == (12 if emitter == "sentry" else 0)


@pytest.mark.parametrize("native", ["0", "1"], ids=["off", "on"])
def test_the_built_in_tracing_of_anthropic_leaves_one_span_per_reply(
    run: RunApp, emulator: Emulator, sink: Sink, native: str
) -> None:
    run("calls.all_ways", "ours", NATIVE_TRACING=native)
    check_against_the_ledger(emulator, sink)
    usage = [
        reported for reported in sink.reported if reported.kind == "span" and reported.bears_usage
    ]
    assert len(usage) == 12
    assert sum(reported.is_ours for reported in usage) == (7 if native == "1" else 12)


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
    # Spans that repeat our record are no records; what else was reported is a duplicate.
    others = {
        source
        for (source,) in embedded_store.query(
            "SELECT DISTINCT source FROM llmcost.llm_calls WHERE source != 'otel_llmcost'"
        ).rows
    }
    assert others <= {reported.scope for reported in sink.reported}
    assert others >= NEVER_CURRENT & {reported.scope for reported in sink.reported}
    (trust,) = embedded_store.query(
        "SELECT arrayDistinct(arrayFlatten(groupArray(double_counted_by))), sum(calls) "
        "FROM llmcost.trust"
    ).rows
    assert trust == (sorted(others), len(billed))
