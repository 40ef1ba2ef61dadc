# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""clickhouse-users.xml, enforced by the real engine: what each user may do and may not.

The embedded engine has one user, `default`, and takes its rights from a users file: each test
gives it those of one user of ours. Logging in with a password is a server's part and is not run.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from copy import deepcopy
from importlib.resources import files
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.support.schema_store import with_schema

ROOT = Path(__file__).parents[2]
FILE = ROOT / "collector/clickhouse-users.xml"
# What dashboards and people read; other views are steps on the way to these.
VIEWS = [
    *("calls", "hourly_spend", "spend_pareto"),
    *("top_calls", "cache_efficiency", "incidents", "trust"),
]

RUN = """
import json, sys
from chdb.session import Session
session = Session(f"{sys.argv[1]}?config-file={sys.argv[2]}")
def run(sql):
    try:
        session.query(sql, "TabSeparated")
    except RuntimeError as error:
        return str(error)
    return ""
print(json.dumps([run(sql) for sql in json.load(sys.stdin)]))
"""
# A server's materialized views run as who applied the schema, `admin`; here that was `default`.
AS_ADMIN = """
import sys
from chdb.session import Session
session = Session(f"{sys.argv[1]}?config-file={sys.argv[2]}")
for name in session.query(
    "SELECT name FROM system.tables WHERE database = 'llmcost' AND engine = 'MaterializedView'",
    "TabSeparated",
).bytes().decode().split():
    session.query(f"ALTER TABLE llmcost.{name} MODIFY DEFINER = admin SQL SECURITY DEFINER")
"""
ROW = "INSERT INTO llmcost.otel_traces (Timestamp, TraceId) VALUES (now64(9), 'x')"


def python(code: str, *arguments: Path, text: str = "") -> str:
    """Runs in a process of its own: a process can open one embedded store."""
    command = [sys.executable, "-c", code, *arguments]
    done = subprocess.run(command, input=text, capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    data = with_schema(tmp_path_factory.mktemp("users") / "store")
    python(AS_ADMIN, data, engine_config(data, "everybody"))
    return data


def engine_config(store: Path, user: str) -> Path:
    """The repository's users file, with `default` having the rights of `user`; `everybody`: all."""
    tree = ElementTree.parse(FILE)
    users = tree.find("users")
    assert users is not None
    engine = deepcopy(users.find("admin" if user == "everybody" else user))
    assert engine is not None
    engine.tag = "default"
    if user == "everybody":
        for query in engine.findall("grants/query"):
            query.text = "GRANT ALL ON *.*"
    admin = users.find("admin")
    assert admin is not None
    users[:] = [engine, admin]
    for element in users:
        for password in element.findall("password"):
            element.remove(password)
        ElementTree.SubElement(element, "password")
    # What the image's own users.xml defines.
    for section in ("profiles", "quotas"):
        found = tree.find(section)
        parent = ElementTree.SubElement(tree.getroot(), section) if found is None else found
        ElementTree.SubElement(parent, "default")
    # A server takes these with clickhouse-server.xml; the embedded engine has no such option.
    for constraint in tree.findall("profiles/*/constraints/*"):
        for exception in constraint.findall("changeable_in_readonly"):
            constraint.remove(exception)
    file, config = store.parent / f"{user}.xml", store.parent / f"config-{user}.xml"
    tree.write(file)
    config.write_text(f"<clickhouse><users_config>{file}</users_config></clickhouse>")
    return config


def answers(store: Path, user: str, statements: list[str]) -> dict[str, str]:
    """Statement -> the engine's error, empty when it ran."""
    said = json.loads(python(RUN, store, engine_config(store, user), text=json.dumps(statements)))
    return dict(zip(statements, said, strict=True))


def test_the_writer_adds_rows_to_the_raw_tables_and_that_is_all(store: Path) -> None:
    allowed = [
        ROW,
        "INSERT INTO llmcost.otel_logs (Timestamp, TraceId) VALUES (now64(9), 'x')",
        "DESCRIBE TABLE llmcost.otel_traces",
    ]
    refused = [
        "SELECT count() FROM llmcost.otel_traces",
        "SELECT count() FROM llmcost.calls",
        "INSERT INTO llmcost.llm_calls (record_id) VALUES ('x')",
        "INSERT INTO llmcost.otel_traces (TraceId) SELECT feature FROM llmcost.calls",
        "ALTER TABLE llmcost.otel_traces DELETE WHERE 1",
        "TRUNCATE TABLE llmcost.otel_traces",
        "DROP TABLE llmcost.otel_traces",
        "CREATE TABLE llmcost.t (a UInt8) ENGINE = Memory",
        "SELECT * FROM file('/etc/passwd', 'LineAsString')",
        "SELECT * FROM url('http://127.0.0.1:1', 'LineAsString')",
    ]
    said = answers(store, "writer", allowed + refused)
    assert [said[sql] for sql in allowed] == [""] * len(allowed)
    assert all("ACCESS_DENIED" in said[sql] for sql in refused), said


def test_the_reader_reads_every_view_and_nothing_else(store: Path) -> None:
    allowed = [f"SELECT * FROM llmcost.{view} LIMIT 1" for view in VIEWS]
    refused = {
        ROW: "ACCESS_DENIED",
        "TRUNCATE TABLE llmcost.otel_traces": "ACCESS_DENIED",
        "CREATE TABLE llmcost.t (a UInt8) ENGINE = Memory": "ACCESS_DENIED",
        "SELECT * FROM file('/etc/passwd', 'LineAsString')": "ACCESS_DENIED",
        "SELECT * FROM url('http://127.0.0.1:1', 'LineAsString')": "ACCESS_DENIED",
        "SET readonly = 0": "READONLY",
        "SELECT 1 SETTINGS max_memory_usage = 0": "READONLY",
        "SELECT number FROM numbers(1000001)": "TOO_MANY_ROWS_OR_BYTES",
    }
    said = answers(store, "reader", [*allowed, *refused])
    assert {sql: said[sql] for sql in allowed if said[sql]} == {}
    assert {sql: said[sql] for sql in refused if refused[sql] not in said[sql]} == {}


def inserts(*tables: str) -> list[str]:
    return [f"INSERT INTO llmcost.{name} SELECT * FROM llmcost.{name} LIMIT 0" for name in tables]


REFUSED = [
    *inserts("llm_calls", "otel_traces", "rates"),
    "ALTER TABLE llmcost.budgets DELETE WHERE 1",
    "TRUNCATE TABLE llmcost.incident_log",
    "DROP VIEW llmcost.calls",
    "SELECT * FROM file('/etc/passwd', 'LineAsString')",
]


def test_the_detector_writes_what_a_pass_of_detection_writes(store: Path) -> None:
    folder = files("otel_llmcost.schema").joinpath("queries", "detection")
    passes = "\n".join(file.read_text() for file in folder.iterdir())
    written = set(re.findall(r"^INSERT INTO llmcost\.(\w+)", passes, re.MULTILINE))
    written |= {"anomaly_log", "incident_log", "incident_acks", "notices", "audit_log"}
    assert len(written) > 9
    refused = [*REFUSED, *inserts("budgets", "invoices")]
    said = answers(store, "detector", inserts(*sorted(written)) + refused)
    assert {sql: said[sql] for sql in inserts(*sorted(written)) if said[sql]} == {}
    assert all("ACCESS_DENIED" in said[sql] for sql in refused), said


def test_finance_sets_budgets_imports_invoices_and_acknowledges(store: Path) -> None:
    allowed = inserts(
        *("budgets", "invoices", "incident_acks", "outcomes"),
        *("saving_decisions", "audit_log"),
    )
    refused = [*REFUSED, *inserts("anomaly_log", "notices")]
    said = answers(store, "finance", allowed + refused)
    assert {sql: said[sql] for sql in allowed if said[sql]} == {}
    assert all("ACCESS_DENIED" in said[sql] for sql in refused), said


def test_the_admin_owns_the_database_and_no_other(store: Path) -> None:
    allowed = [
        "CREATE TABLE llmcost.t (a UInt8) ENGINE = MergeTree ORDER BY a",
        "INSERT INTO llmcost.t VALUES (1)",
        "DROP TABLE llmcost.t",
        "SYSTEM RELOAD DICTIONARY llmcost.rate_dict",
        "SELECT count() FROM system.tables",
    ]
    refused = [
        "CREATE DATABASE other",
        "CREATE USER other",
        "SELECT * FROM file('/etc/passwd', 'LineAsString')",
        "SYSTEM SHUTDOWN",
    ]
    said = answers(store, "admin", allowed + refused)
    assert {sql: said[sql] for sql in allowed if said[sql]} == {}
    assert all("ACCESS_DENIED" in said[sql] for sql in refused), said
