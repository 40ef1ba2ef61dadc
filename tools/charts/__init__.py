# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Builds the chart library that the pages bring along: a part of Apache ECharts, as one file.

`python -m tools.charts` needs npm; the built file and its licences are committed. `--check` needs
nothing: it holds that the file is what was built, from the versions that package.json pins.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
VENDOR = HERE.parents[1] / "otel_llmcost" / "serve" / "web" / "static" / "vendor"
BUILT = VENDOR / "echarts.js"
LICENCES = VENDOR / "LICENSES.txt"
_TEXTS = {
    "echarts": ("NOTICE", "LICENSE", "licenses/LICENSE-d3"),
    "tslib": ("LICENSE.txt",),
    "zrender": ("LICENSE",),
}
_FLAGS = (
    *("--bundle", "--minify", "--format=iife", "--global-name=echarts", "--target=es2020"),
    *("--legal-comments=none", '--define:process.env.NODE_ENV="production"'),
)


def versions() -> dict[str, str]:
    """Exact version of each package that the built file holds parts of."""
    return json.loads((HERE / "package.json").read_text())["dependencies"]


def header(body: str) -> str:
    """First line of the built file: what it is made of, and a hash of the rest of it."""
    parts = ", ".join(f"{name} {version}" for name, version in versions().items())
    digest = hashlib.sha256(body.encode()).hexdigest()
    return f"/*! {parts}. Licences: LICENSES.txt. Built by tools/charts. sha256 {digest} */\n"


def build() -> None:
    """Build the file anew and collect its licences, in a folder of its own."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for source in ("package.json", "entry.js"):
            shutil.copy(HERE / source, folder)
        _run(folder, "npm", "install", "--no-audit", "--no-fund", "--no-package-lock")
        _run(folder, "node_modules/.bin/esbuild", "entry.js", "--outfile=out.js", *_FLAGS)
        body = (folder / "out.js").read_text()
        VENDOR.mkdir(exist_ok=True)
        BUILT.write_text(header(body) + body)
        LICENCES.write_text(_licences(folder / "node_modules"))


def problems() -> list[str]:
    """Why the committed file is not what was built; nothing when it is."""
    first, _, body = BUILT.read_text().partition("\n")
    found: list[str] = []
    if f"{first}\n" != header(body):
        found.append("echarts.js was changed, or package.json pins other versions: build it anew")
    texts = LICENCES.read_text()
    for name, version in versions().items():
        if f"{name} {version}" not in texts:
            found.append(f"LICENSES.txt lacks {name} {version}")
    if re.search(r"\bnew Function\(|\beval\(", body):
        found.append("echarts.js runs text as code, which the policy of the pages forbids")
    return found


def _licences(modules: Path) -> str:
    parts: list[str] = ["echarts.js holds parts of these packages.\n"]
    for name, version in versions().items():
        texts = [(modules / name / text).read_text().strip() for text in _TEXTS[name]]
        parts.append("\n\n".join([f"==== {name} {version} ====", *texts]) + "\n")
    return "\n".join(parts)


def _run(folder: Path, *command: str) -> None:
    subprocess.run(command, cwd=folder, check=True)
