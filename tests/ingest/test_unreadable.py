# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Bodies that pass for OTLP and that the engine cannot read: refused for good, and reported."""

from __future__ import annotations

from pathlib import Path

import pytest

from otel_llmcost.ingest import Ingestor, MalformedBody
from otel_llmcost.store import Store
from tests.ingest.bodies import record, records, traces


def a_bool_of_1000() -> bytes:
    """A valid request, but for three bytes: a value that was the text X."""
    good = traces({**record(7000), "x": "X"}).SerializeToString()
    assert good.count(b"\x12\x03\x0a\x01X") == 1
    return good.replace(b"\x12\x03\x0a\x01X", b"\x12\x03\x10\xe8\x07")


def test_a_body_the_engine_cannot_read_is_refused_for_good_and_reported(
    embedded_store: Store,
) -> None:
    ingestor = Ingestor(Path(embedded_store.url.removeprefix("chdb://")), linger_s=0.2)
    try:
        good = ingestor.submit("traces", records(3, first=7100))
        with pytest.raises(MalformedBody):
            ingestor.ingest("traces", a_bool_of_1000())
        good.result()
        ingestor.ingest("traces", records(3, first=7200))
    finally:
        ingestor.close()
    reported = "SELECT signal, reason FROM llmcost.rejected WHERE reason = 'unreadable_body'"
    assert embedded_store.query(reported).rows == [("traces", "unreadable_body")]
