# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Pins the shipped prices: changed data becomes the version of today.

`make prices` runs this after a change in otel_llmcost/pricing/data.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import re
from pathlib import Path

from otel_llmcost.pricing import book

PINNED = Path(__file__).parents[1] / "tests/data/price_versions.json"
DATA = Path(book.__file__).parent / "data"


def digest(data: Path = DATA) -> str:
    """SHA-256 of all shipped price files."""
    total = hashlib.sha256()
    for file in sorted(data.glob("*.json")):
        total.update(file.read_bytes())
    return total.hexdigest()


def pinned(file: Path = PINNED) -> dict[str, str]:
    """Digest by version, oldest first."""
    return json.loads(file.read_text(encoding="utf-8"))


def pin(source: Path, versions: Path, data: Path, today: dt.date) -> str:
    """Write version and digest if the data changed; the version that holds now."""
    text = source.read_text(encoding="utf-8")
    found = re.search(r'^VERSION = "(.+)"$', text, re.MULTILINE)
    assert found, f"no VERSION in {source}"
    known, now = pinned(versions), digest(data)
    if known.get(found[1]) == now:
        return found[1]
    version = max(today.isoformat(), found[1])  # a clock that is behind starts no older version
    known[version] = now
    source.write_text(text.replace(found[0], f'VERSION = "{version}"'), encoding="utf-8")
    versions.write_text(json.dumps(known, indent=2) + "\n", encoding="utf-8")
    return version


if __name__ == "__main__":
    today = dt.datetime.now(dt.UTC).date()
    print(f"price book {pin(Path(book.__file__), PINNED, DATA, today)}")
