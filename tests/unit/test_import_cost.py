# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""`import otel_llmcost` stays light: it runs inside every user's process."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import otel_llmcost

HEAVY = {
    "anthropic",
    "chdb",
    "click",
    "clickhouse_connect",
    "grpc",
    "httpx",
    "httpx2",
    "openai",
    "opentelemetry.sdk",
    "pydantic",
    "requests",
    "rich",
}


def loaded_by(code: str) -> set[str]:
    script = f"{code}\nimport sys, json\nprint(json.dumps(sorted(sys.modules)))"
    out = subprocess.run(
        [sys.executable, "-c", script], check=True, capture_output=True, text=True
    ).stdout
    return set(json.loads(out))


def test_importing_the_package_loads_no_sdk_and_no_engine() -> None:
    assert loaded_by("import otel_llmcost").isdisjoint(HEAVY)


def test_no_module_hides_a_public_name() -> None:
    """`import package.name` puts the module where the name of the same spelling should be."""
    modules = {path.stem for path in Path(otel_llmcost.__file__).parent.iterdir()}
    assert modules.isdisjoint(otel_llmcost.__all__)


def test_tagging_features_loads_no_sdk_and_no_engine() -> None:
    code = "import otel_llmcost as llmcost\nwith llmcost.feature('x'): pass"
    assert loaded_by(code).isdisjoint(HEAVY)


def test_instrumenting_does_not_import_the_sdks_nor_an_engine() -> None:
    code = "import otel_llmcost as llmcost\nllmcost.instrument()"
    heavy = {"anthropic", "openai", "chdb", "clickhouse_connect", "click", "pydantic"}
    assert loaded_by(code).isdisjoint(heavy)


def test_instrumenting_loads_no_checks_of_versions() -> None:
    code = "import otel_llmcost as llmcost\nllmcost.instrument()"
    assert loaded_by(code).isdisjoint({"opentelemetry.instrumentation.instrumentor", "packaging"})
