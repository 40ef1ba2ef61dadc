# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Regenerate the dumps beside this file: real emitters against the emulated providers.

    .venv/bin/python -m tests.data.foreign.make_dumps [EMITTER …]

Needs pip's and npm's registries. Environments are made below $DUMP_ENVIRONMENTS (default
build/foreign) and kept there. Every dump is what a store would hold: attributes that quote
content are left out. Beside the spans stands what the emulator billed, in the order of the calls.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path
from typing import Any

from otel_llmcost.emulator.server import Emulator
from otel_llmcost.ingest.content import is_content

HERE = Path(__file__).parent
ENVIRONMENTS = Path(os.environ.get("DUMP_ENVIRONMENTS", "build/foreign")).absolute()

SDKS = ["anthropic", "openai", "opentelemetry-sdk"]
PYTHON = {
    "official": [
        *SDKS,
        "opentelemetry-instrumentation-genai-anthropic",
        "opentelemetry-instrumentation-genai-openai",
    ],
    "openllmetry": [
        *SDKS,
        "opentelemetry-instrumentation-anthropic",
        "opentelemetry-instrumentation-openai",
    ],
    "openinference": [
        *SDKS,
        "openinference-instrumentation-anthropic",
        "openinference-instrumentation-openai",
    ],
    "anthropic_sdk": SDKS,
    "logfire": ["logfire", *SDKS],
    "litellm": ["litellm", "opentelemetry-sdk", "opentelemetry-exporter-otlp"],
}
NODE = {
    "vercel_ai_5": ["ai@5", "@ai-sdk/anthropic@2", "@ai-sdk/openai@2"],
    "vercel_ai_6": ["ai@6", "@ai-sdk/anthropic@3", "@ai-sdk/openai@3"],
}
NODE_OTEL = ["@opentelemetry/api", "@opentelemetry/sdk-trace-base@2"]


def python(name: str) -> list[str]:
    """The command that runs an emitter of Python, in its environment."""
    place = ENVIRONMENTS / name
    if not place.exists():
        venv.create(place, with_pip=True)
        subprocess.run([place / "bin/pip", "install", "-q", *PYTHON[name]], check=True)
    return [str(place / "bin/python"), str(HERE / "emit.py"), name]


def node(name: str) -> list[str]:
    """The command that runs a version of the Vercel AI SDK, in its directory."""
    place = ENVIRONMENTS / name
    if not place.exists():
        place.mkdir(parents=True)
        (place / "package.json").write_text("{}")
        subprocess.run(["npm", "install", *NODE[name], *NODE_OTEL], cwd=place, check=True)
    shutil.copy(HERE / "emit.mjs", place)
    return ["node", str(place / "emit.mjs")]


def dump(name: str) -> dict[str, Any]:
    """Run one emitter against an emulator of its own."""
    command = python(name) if name in PYTHON else node(name)
    with Emulator(seed=7, salt=name) as emulator:
        at = {
            "ANTHROPIC_AT": emulator.anthropic_url,
            "OPENAI_AT": emulator.openai_url.removesuffix("/v1"),
        }
        ran = subprocess.run(
            command, env={**os.environ, **at}, stdout=subprocess.PIPE, text=True, check=True
        )
        ledger = emulator.ledger.as_json()["entries"]
    lines = [json.loads(line) for line in ran.stdout.splitlines() if line.startswith("{")]
    *spans, packages = lines
    for span in spans:
        kept = {k: v for k, v in span["attributes"].items() if not is_content(k)}
        span["attributes"] = dict(sorted(kept.items()))
    billed = [
        {key: entry[key] for key in ("provider", "model", "response_id", "usd", "tokens")}
        for entry in ledger
    ]
    requested = {p: v for p, v in packages["packages"].items() if name in NODE or p in PYTHON[name]}
    return {"packages": requested, "spans": spans, "billed": billed}


def main(*names: str) -> None:
    """Write the named dumps, or all."""
    for name in names or (*PYTHON, *NODE):
        text = json.dumps(dump(name), indent=1, ensure_ascii=False)
        (HERE / f"{name}.json").write_text(text + "\n")
        print(name)


if __name__ == "__main__":
    main(*sys.argv[1:])
