# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""cases/NNNN_name.sql run on an empty store must answer what NNNN_name.reference says.

Statements end with `;`, rows are tab-separated, a line `-- refresh` refreshes the store. After
a change that is meant, `python -m tests.schema.test_cases` rewrites the references: read the
difference.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from otel_llmcost import schema
from otel_llmcost.store import Store
from tests.schema.parameters import PARAMETERS

CASES = sorted(Path(__file__).with_name("cases").glob("*.sql"))


WRITTEN = ("candidate_models", "model_facts")
"""Views whose rows are in the price book, their text or parameters."""


def answer(store: Store, text: str) -> str:
    """Rows of every SELECT, in order."""
    lines: list[str] = []
    for statement in text.split(";\n"):
        if "-- refresh\n" in statement:
            store.refresh()
        code = "\n".join(
            line for line in statement.split("\n") if not line.startswith("--")
        ).strip()
        if code.startswith("SELECT"):
            rows = store.query(code).rows
            lines += ["\t".join("NULL" if v is None else str(v) for v in row) for row in rows]
        elif code:
            store.command(code)
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.stem)
def test_case(case: Path, embedded_store: Store):
    assert answer(embedded_store, case.read_text()) == case.with_suffix(".reference").read_text()


@pytest.mark.parametrize("view", schema.views(), ids=lambda view: view.name)
def test_every_view_answers_on_an_empty_store(embedded_store: Store, view: schema.Object):
    given = PARAMETERS.get(view.name, "")
    rows = embedded_store.query(f"SELECT * FROM {view.path}{given}").rows
    assert rows == [] or view.name in WRITTEN


def test_every_object_says_its_grain_and_source():
    for item in schema.objects():
        assert item.sql.startswith("-- Grain: ")
        assert "\n-- Source: " in item.sql


if __name__ == "__main__":
    from tests.support.embedded import empty, shared_store

    for path in CASES:
        empty(shared_store())
        path.with_suffix(".reference").write_text(answer(shared_store(), path.read_text()))
