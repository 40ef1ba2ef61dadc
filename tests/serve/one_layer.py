# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""`python -m tests.serve.one_layer LAYER DIR`: the attacks, with one layer in front of the engine.

Everything else that stands in the way of a reader is switched off, `readonly` too; LAYER `none`
switches off all. Prints what each attack met, as JSON.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

from otel_llmcost.errors import StoreError
from otel_llmcost.ingest import DiskGuard
from otel_llmcost.serve import confinement
from otel_llmcost.serve.clickhouse_http import sandbox, statements
from otel_llmcost.serve.clickhouse_http.statements import Statement, execute
from otel_llmcost.store import rights
from otel_llmcost.store.session import Session, literal, open_session, run
from tests.serve.attacks import ATTACKS, Attack

TABLES = """
    CREATE DATABASE IF NOT EXISTS llmcost;
    CREATE TABLE IF NOT EXISTS llmcost.otel_logs (Timestamp DateTime, Body String)
    ENGINE = MergeTree ORDER BY ();
    CREATE TABLE IF NOT EXISTS llmcost.otel_traces AS llmcost.otel_logs
"""


def main(layer: str, directory: Path) -> None:
    store = directory / "store"
    store.mkdir(exist_ok=True)
    if layer == "landlock":
        _, state = confinement.confine(store)
        assert state == "on", state
    for statement in TABLES.split(";"):
        run(open_session(store), statement)
    if layer != "rights":
        rights.drop_to = lambda *_: "SELECT 1"  # every session keeps every role
    if layer != "statement":
        sandbox.admit = only_format
        statements._enter = only_use  # pyright: ignore[reportPrivateUsage]
        statements.set_all = without_limits(statements.set_all)
    promised = [a for a in ATTACKS if layer in a.layers or (layer == "none" and reads(a))]
    print(json.dumps([tried(store, directory, attack) for attack in promised]))


def reads(attack: Attack) -> bool:
    """Whether it is about files, and changes nothing in the store."""
    return "landlock" in attack.layers


def tried(store: Path, directory: Path, attack: Attack) -> dict[str, Any]:
    canary, made = directory / "canary", directory / "made"
    query = {name: value.format(p=canary) for name, value in attack.query.items()}
    statement = Statement(
        user="reader",
        sql=attack.sql.format(p=canary, o=made).encode(),
        database=query.get("database", "llmcost"),
        parameters={n.removeprefix("param_"): v for n, v in query.items() if n != "database"},
    )
    refused, said = False, ""
    try:
        said = execute(store, statement, cast(DiskGuard, None)).body.decode("utf-8", "replace")
    except StoreError as error:
        refused, said = True, str(error)
    found = {"sql": attack.sql, "refused": refused, "said": said, "wrote": made.exists()}
    made.unlink(missing_ok=True)
    return found


def only_format(session: Session, sql: str, parameters: Mapping[str, str]) -> sandbox.Admitted:
    """One statement for each session stays: that is how statements are run, and no layer."""
    try:
        text = session.query(f"SELECT formatQuery({literal(sql)})", "RawBLOB").bytes().decode()
    except RuntimeError as error:
        raise StoreError(str(error)) from error
    return sandbox.Admitted(text, [])


def only_use(session: Session, statement: Statement) -> None:
    run(session, f"USE `{statement.database.strip('`')}`")


def without_limits(set_all: Any) -> Any:
    def kept(session: Session, settings: Mapping[str, str]) -> None:
        wanted = {
            name: value
            for name, value in settings.items()
            if name != "readonly" and not name.startswith("input_format_values")
        }
        set_all(session, wanted)

    return kept


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
