# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Pictures of the boards from live answers, drawn with Grafana's own component library.

    make pictures

Needs Node and Chromium. It is not Grafana: panels get the sizes, units, colors and links that the
board's JSON says, without Grafana's application around them.
"""

from __future__ import annotations

import argparse
import json
import shutil
import struct
import subprocess
import sys
import tempfile
import zlib
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parents[1]))

from otel_llmcost.store import Store, open_store  # noqa: E402 - the checkout is on the path now
from tests.dashboards.engine import kind_of  # noqa: E402
from tests.dashboards.macros import TEXTS, Panel  # noqa: E402

FILTERS = ("environment", "service", "feature", "model", "team")
SPANS = {
    "pipeline": timedelta(days=1),
    "explorer": timedelta(days=2),
}
# What Grafana rounds the width of a bucket to, in seconds.
INTERVALS = (3600, 7200, 10800, 21600, 43200, 86400)
COMPRESSION = 9


def main() -> None:
    """Draw every board, or those named."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("store")
    options.add_argument("boards", nargs="*")
    options.add_argument("--out", type=Path, default=HERE.parents[1] / "docs/pictures")
    chosen = options.parse_intermixed_args()
    paths = sorted(HERE.parent.glob("llmcost-*.json"))
    names = chosen.boards or [path.stem.removeprefix("llmcost-") for path in paths]
    chosen.out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        script = Path(scratch) / "page.js"
        subprocess.run(["node", HERE / "bundle.mjs", script], check=True)
        store = open_store(_address(chosen.store))
        try:
            for name in names:
                page = _page(json.loads((HERE.parent / f"llmcost-{name}.json").read_text()), store)
                _shoot(page, script, Path(scratch) / f"{name}.html", chosen.out / f"{name}.png")
        finally:
            store.close()


def _address(store: str) -> str:
    return store if "://" in store else f"chdb://{Path(store).absolute()}"


def _page(board: dict[str, Any], store: Store) -> dict[str, Any]:
    """The board with the answers of its queries in its panels."""
    until = datetime.now(UTC)
    name = str(board["uid"]).removeprefix("llmcost-")
    since = until - SPANS.get(name, timedelta(days=7))
    variables: dict[str, Any] = {**TEXTS, **dict.fromkeys(FILTERS)}
    if name == "explorer":
        [[variables["record_id"], variables["trace_id"]]] = store.query(
            "SELECT record_id, trace_id FROM llmcost.calls WHERE cost_usd > 0 ORDER BY "
            "cache_read_tokens > 0 DESC, cost_usd DESC LIMIT 1"
        ).rows
    for variable in board["templating"]["list"]:
        if variable["name"] == "incident":
            found = store.query(
                "SELECT incident_id FROM llmcost.incidents ORDER BY last_seen_at - start DESC"
            )
            variables["incident"] = found.rows[0][0] if found.rows else ""
    view = Panel(since, until, 3600, variables)
    for panel in board["panels"]:
        target = (panel.get("targets") or [None])[0]
        panel["columns"] = _columns(store, view, panel, target["rawSql"]) if target else []
    marks = [
        {"at": _plain(row[0]), "color": note["iconColor"]}
        for note in board["annotations"]["list"]
        for row in store.query(view.expand(note["target"]["rawSql"])).rows
    ]
    shown = {name: value for name, value in variables.items() if value}
    return {
        "title": board["title"],
        "panels": board["panels"],
        "since": since.timestamp() * 1000,
        "until": until.timestamp() * 1000,
        "variables": variables,
        "marks": marks,
        "shown": f"{since:%Y-%m-%d %H:%M} to {until:%Y-%m-%d %H:%M} UTC"
        + "".join(f"   {one} {shown[one]}" for one in ("record_id", "incident") if one in shown),
    }


def _columns(store: Store, view: Panel, panel: dict[str, Any], sql: str) -> list[dict[str, Any]]:
    most = panel.get("maxDataPoints", 1000)
    least = 86400 if panel.get("interval") == "1d" else 3600
    wanted = max(least, (view.until - view.since).total_seconds() / most)
    interval = min(INTERVALS, key=lambda seconds: abs(seconds - wanted))
    answer = store.query(Panel(view.since, view.until, interval, view.variables).expand(sql))
    columns = [
        {"name": name, "kind": kind_of(kind), "values": [_plain(row[at]) for row in answer.rows]}
        for at, (name, kind) in enumerate(zip(answer.columns, answer.types, strict=True))
    ]
    if not answer.rows:
        return []
    return _wide(columns) if panel["type"] == "timeseries" else columns


def _wide(columns: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """One column per set of labels, as the plugin's backend answers a time series."""
    times, *labels, numbers = (column["values"] for column in columns)
    series = list(zip(*labels, strict=True))
    cells = {(at, one): number for at, one, number in zip(times, series, numbers, strict=True)}
    moments = sorted(set(times))
    names = [column["name"] for column in columns[1:-1]]
    return [{"name": "time", "kind": "time", "values": moments}] + [
        {
            "name": columns[-1]["name"],
            "kind": "number",
            "labels": dict(zip(names, one, strict=True)),
            "values": [cells.get((at, one)) for at in moments],
        }
        for one in dict.fromkeys(series)
    ]


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.replace(tzinfo=value.tzinfo or UTC).timestamp() * 1000
    if value is None or isinstance(value, str | int | float):
        return value
    if hasattr(value, "isoformat"):
        return datetime(value.year, value.month, value.day, tzinfo=UTC).timestamp() * 1000
    return float(value)


def _shoot(page: dict[str, Any], script: Path, html: Path, target: Path) -> None:
    data = json.dumps(page).replace("<", "\\u003c")
    html.write_text(
        "<!doctype html><meta charset=utf-8><div id=board></div>"
        f"<script>window.BOARD={data}</script><script src={script.name}></script>"
    )
    rows = max(panel["gridPos"]["y"] + panel["gridPos"]["h"] for panel in page["panels"])
    browser = shutil.which("chromium") or shutil.which("google-chrome") or "chromium"
    flags = ["--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars"]
    size = f"--window-size=1600,{44 + rows * 38}"
    subprocess.run(
        [
            browser,
            *flags,
            size,
            "--virtual-time-budget=6000",
            f"--screenshot={target}",
            html.as_uri(),
        ],
        check=True,
        capture_output=True,
    )
    target.write_bytes(_small(target.read_bytes()))
    sys.stdout.write(f"wrote {target}\n")


def _small(png: bytes) -> bytes:
    """The same pixels: Chromium compresses in a hurry, and in many pieces."""
    chunks, at = [], 8
    while at < len(png):
        [length] = struct.unpack(">I", png[at : at + 4])
        chunks.append((png[at + 4 : at + 8], png[at + 8 : at + 8 + length]))
        at += length + 12
    pixels = zlib.decompress(b"".join(data for kind, data in chunks if kind == b"IDAT"))
    header = next(data for kind, data in chunks if kind == b"IHDR")
    written = [(b"IHDR", header), (b"IDAT", zlib.compress(pixels, COMPRESSION)), (b"IEND", b"")]
    return png[:8] + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in written
    )


if __name__ == "__main__":
    main()
