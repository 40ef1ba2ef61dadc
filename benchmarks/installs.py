# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""How large an installation is, by extra: each in an environment of its own, as pip makes it.

The size is that of `site-packages` without pip, with the bytecode that pip compiles.
Needs a package index. `--excludes` is uv's: what the engine's packages require and we never load.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from rich.markup import escape
from rich.table import Table

ROOT = Path(__file__).parents[1]
EXCLUDED = "pandas\npyarrow\n"
"""As in docs/how-to/install.md; numpy comes with them."""
INSTALLS = {
    "otel-llmcost": ("", False),
    "otel-llmcost[grpc]": ("[grpc]", False),
    "otel-llmcost[clickhouse,cli]": ("[clickhouse,cli]", False),
    "otel-llmcost[serve]": ("[serve]", False),
    "otel-llmcost[serve], with excludes.txt": ("[serve]", True),
}


def table() -> Table:
    result = Table(title="installed, MB")
    for column in ("installation", "packages", "MB", "largest"):
        result.add_column(column, justify="right" if column in ("packages", "MB") else "left")
    for name, (extra, excluded) in INSTALLS.items():
        folder = Path(tempfile.mkdtemp(prefix="llmcost-install-"))
        try:
            sizes = installed(folder, extra, excluded=excluded)
        finally:
            shutil.rmtree(folder)
        largest = sorted(sizes.items(), key=lambda one: -one[1])[:4]
        listed = ", ".join(f"{package} {size / 1e6:.0f}" for package, size in largest)
        total = f"{sum(sizes.values()) / 1e6:.1f}"
        result.add_row(escape(name), str(len(sizes)), total, listed)
    return result


def installed(folder: Path, extra: str, *, excluded: bool) -> dict[str, int]:
    """Bytes by top-level folder or file, of a fresh environment."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True)
    python = folder / "bin" / "python"
    tool = [sys.executable, "-m", "pip", "--python", python, "install", "--quiet"]
    if excluded:
        excludes = folder / "excludes.txt"
        excludes.write_text(EXCLUDED)
        tool = ["uv", "pip", "install", "--python", python, "--quiet", "--compile-bytecode"]
        tool += ["--link-mode", "copy", "--excludes", excludes]
    subprocess.run([*tool, f"{ROOT}{extra}"], check=True)
    (packages,) = folder.glob("lib/python*/site-packages")
    return {
        item.name: size(item) for item in packages.iterdir() if not item.name.endswith(".dist-info")
    }


def size(item: Path) -> int:
    """Bytes of a file, or of all files in a folder."""
    return sum(file.stat().st_size for file in (item, *item.rglob("*")) if file.is_file())
