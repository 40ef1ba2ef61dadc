# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Pictures of the boards from live answers, drawn with Grafana's own component library.

    make pictures

Needs Node, Chromium and, for small files, Pillow. It is not Grafana: panels get the sizes, units,
colours and links that the board's JSON says, without Grafana's application around them.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parents[1]))

from otel_llmcost.store import Store, open_store  # noqa: E402 - the checkout is on the path now
from tests.dashboards.engine import kind_of  # noqa: E402
from tests.dashboards.macros import TEXTS, Panel  # noqa: E402

FILTERS = ("environment", "service", "feature", "model", "team")
SPANS = {"explorer": timedelta(days=2), "budgets": timedelta(days=28)}


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
            "SELECT record_id, trace_id FROM llmcost.calls WHERE trace_id IN (SELECT trace_id FROM"
            " llmcost.calls WHERE ts > now() - INTERVAL 1 DAY AND trace_id != '' GROUP BY trace_id"
            " ORDER BY count() DESC, trace_id LIMIT 1) ORDER BY cost_usd DESC LIMIT 1"
        ).rows
    view = Panel(since, until, 3600, variables)
    for panel in board["panels"]:
        target = (panel.get("targets") or [None])[0]
        panel["columns"] = _columns(store, view, panel, target["rawSql"]) if target else []
    shown = {name: value for name, value in variables.items() if value}
    return {
        "title": board["title"],
        "panels": board["panels"],
        "since": since.timestamp() * 1000,
        "until": until.timestamp() * 1000,
        "variables": variables,
        "shown": f"{since:%Y-%m-%d %H:%M} to {until:%Y-%m-%d %H:%M} UTC"
        + (f"   record {shown['record_id']}" if "record_id" in shown else ""),
    }


def _columns(store: Store, view: Panel, panel: dict[str, Any], sql: str) -> list[dict[str, Any]]:
    answer = store.query(view.expand(sql))
    columns = [
        {"name": name, "kind": kind_of(kind), "values": [_plain(row[at]) for row in answer.rows]}
        for at, (name, kind) in enumerate(zip(answer.columns, answer.types, strict=True))
    ]
    return _wide(columns) if panel["type"] == "timeseries" and columns else columns


def _wide(columns: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """One column per series, as the plugin's backend answers a time series."""
    times, series, numbers = (column["values"] for column in columns)
    cells = {(at, name): number for at, name, number in zip(times, series, numbers, strict=True)}
    moments = sorted(set(times))
    return [{"name": "time", "kind": "time", "values": moments}] + [
        {"name": name, "kind": "number", "values": [cells.get((at, name)) for at in moments]}
        for name in dict.fromkeys(series)
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
    _few_colours(target)
    sys.stdout.write(f"wrote {target}\n")


def _few_colours(target: Path) -> None:
    """A palette makes the file a third as large; without Pillow it stays as it is."""
    with suppress(ImportError):
        from PIL import Image

        with Image.open(target) as image:
            small = image.convert("RGB").quantize(256, Image.Quantize.MAXCOVERAGE)
        small.save(target, optimize=True)


if __name__ == "__main__":
    main()
