# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""`make test-matrix`: the instrumentation's suite on other versions of both SDKs; and as the row
`floors` (`make test-floors`) the store's, ingest's, daemon's and page's on the oldest versions of
everything that pyproject.toml allows.

Each row has a venv of its own under .venv-matrix, kept between runs. A test of something that an
SDK does not have yet is skipped, and says so (see tests/instrumentation/conftest.py).
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).parents[2]
PROJECT = ROOT / "pyproject.toml"
OLDEST = (
    "opentelemetry-api==1.39.*",
    "opentelemetry-sdk==1.39.*",
    "opentelemetry-instrumentation==0.60b0",
    "wrapt==1.16.*",
)
ROWS: dict[str, tuple[str, ...]] = {
    "oldest": ("anthropic==0.40.*", "openai==1.40.*", "httpx<0.28", "zstandard", *OLDEST),
    "2024": ("anthropic==0.60.*", "openai==1.60.*", "httpx<0.28", "zstandard"),
    "2025": ("anthropic==0.84.*", "openai==1.99.*", "zstandard"),
    # One suite, one HTTP library: anthropic left httpx for httpx2 with 1.0, openai with 3.0.
    "last-httpx": ("anthropic==0.84.*", "openai==2.*", "zstandard"),
    "first-httpx2": ("anthropic==1.0.*", "openai==3.0.*", "zstandard"),
}
FLOORS_ROW = "floors"
# What old versions use of newer ones is deprecated by now, and no concern of ours.
FLOORS = (
    *("-W", "ignore::DeprecationWarning"),
    *("tests/ingest", "tests/serve", "tests/store", "tests/web"),
)
PYTEST = (
    *("-m", "pytest", "-q", "-p", "no:cacheprovider"),
    *("-n", "2", "--dist", "loadfile", "--max-worker-restart", "0"),
)
TOOLS = (
    *("brotli", "hypothesis", "protobuf", "pyyaml", "websockets"),
    *("pytest", "pytest-asyncio", "pytest-timeout", "pytest-xdist"),
)


def main(names: list[str]) -> int:
    known = [*ROWS, FLOORS_ROW]
    unknown = set(names) - set(known)
    if unknown:
        print(f"no such row: {', '.join(unknown)}; choose from {', '.join(known)}", file=sys.stderr)
        return 2
    worst = 0
    for name in names or known:
        python = environment(name)
        tests = FLOORS if name == FLOORS_ROW else ("tests/instrumentation",)
        done = subprocess.run(
            [python, *PYTEST, *tests],
            cwd=ROOT,
            env={**os.environ, "TEST_MATRIX": name},
            capture_output=True,
            text=True,
            check=False,
        )
        worst = max(worst, done.returncode)
        reasons = re.findall(r"^SKIPPED .*|^FAILED .*|^ERROR .*", done.stdout, re.M)
        print("\n".join(reasons) if not done.returncode else done.stdout[-20_000:])
        summary = (done.stdout.strip().splitlines() or [done.stderr[-500:]])[-1]
        row = " ".join(ROWS.get(name, ("oldest of all",))[:2])
        print(f"{name:12} {row:36} {summary}", flush=True)
    return worst


def environment(name: str) -> str:
    """The interpreter of a row's venv, made when it is not there or older than pyproject.toml."""
    folder = ROOT / ".venv-matrix" / name
    python = folder / "bin" / "python"
    ready = folder / "ready"
    if not ready.exists() or ready.stat().st_mtime < PROJECT.stat().st_mtime:
        venv.create(folder, with_pip=True)
        pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        if name == FLOORS_ROW:
            # pip only ever takes the newest of what it may.
            subprocess.run([*pip, "uv"], check=True)
            lowest = [str(python), "-m", "uv", "pip", "install", "--quiet", "--python", str(python)]
            lowest += ["--resolution", "lowest-direct", "--editable", f"{ROOT}[all]"]
            subprocess.run(lowest, check=True)
            subprocess.run([*pip, *TOOLS], check=True)
        else:
            subprocess.run([*pip, "--editable", f"{ROOT}[serve]", *ROWS[name], *TOOLS], check=True)
        ready.touch()
    return str(python)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
