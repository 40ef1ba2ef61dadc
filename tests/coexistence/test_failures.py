# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""A call that fails is one row, whoever else reports it: emitters by ways to fail."""

from __future__ import annotations

import pytest

from otel_llmcost.store import Store
from tests.coexistence.conftest import RunApp
from tests.coexistence.sink import Sink, ingest

FAILURES = (
    *("refused", "timed_out", "connection_error"),
    *("cut_stream", "cancelled", "parse_failure"),
)
EMITTERS = {
    "own": ((), "0"),
    "built_in": ((), "1"),
    "official": (("official",), "0"),
    "openllmetry": (("openllmetry",), "0"),
    "openinference": (("openinference",), "0"),
    "logfire": (("logfire",), "0"),
    "official and built_in": (("official",), "1"),
}


@pytest.mark.parametrize("emitter", EMITTERS)
def test_a_failed_call_is_one_row_and_it_is_ours(
    run: RunApp, sink: Sink, embedded_store: Store, emitter: str
) -> None:
    others, native = EMITTERS[emitter]
    run("failures.every_way", "ours", *others, NATIVE_TRACING=native)
    ingest(sink)
    embedded_store.refresh()
    rows = embedded_store.query(
        "SELECT feature, source, count() FROM llmcost.calls GROUP BY feature, source"
    ).rows
    expected = [
        f"{sdk}.{failure}.{place}"
        for sdk in ("anthropic", "openai")
        for failure in FAILURES
        for place in ("root", "request")
    ]
    assert sorted(rows) == sorted((feature, "otel_llmcost", 1) for feature in expected)
