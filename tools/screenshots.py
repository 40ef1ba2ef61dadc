# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Screenshots of every page, wide and narrow, light and dark: `python -m tools.screenshots STORE`.

`make screenshots` takes the demo's store. Needs Chromium. The images are for eyes, not for Git.
"""

from __future__ import annotations

import argparse
import base64
import re
import tempfile
from pathlib import Path

from otel_llmcost.serve.web import create_app
from otel_llmcost.serve.web.pages import NAVIGATION
from otel_llmcost.store.opening import open_store
from tests.web.browser import Browser, served

WIDTHS = {1440: 900, 390: 844}
SCHEMES = ("light", "dark")


def shoot(url: str, paths: list[str], folder: Path) -> None:
    """One image per page, width and scheme, of all of the page."""
    with tempfile.TemporaryDirectory() as profile, Browser(Path(profile)) as browser:
        for width, height in WIDTHS.items():
            for scheme in SCHEMES:
                features = [{"name": "prefers-color-scheme", "value": scheme}]
                browser.command("Emulation.setEmulatedMedia", features=features)
                for path in paths:
                    size = {"width": width, "deviceScaleFactor": 1, "mobile": width < 500}
                    browser.command("Emulation.setDeviceMetricsOverride", height=height, **size)
                    browser.go(f"{url}{path}")
                    browser.wait_for("document.querySelector('[aria-busy]') === null")
                    tall = browser.run("document.documentElement.scrollHeight")
                    browser.command("Emulation.setDeviceMetricsOverride", height=tall, **size)
                    image = browser.command("Page.captureScreenshot", format="png")["data"]
                    name = re.sub(r"\W+", "-", path.replace("?range=", " ")).strip("-")
                    file = folder / f"{name}-{width}-{scheme}.png"
                    file.write_bytes(base64.b64decode(image))
                    print(f"{file}  {tall} px")
        for problem in browser.problems:
            print(f"problem: {problem}")


def main() -> None:
    """Serve a store to a browser and keep what it shows."""
    parser = argparse.ArgumentParser(description="screenshots of every page")
    parser.add_argument("store", help="directory of an embedded store, or the URL of a server")
    parser.add_argument("--to", type=Path, default=Path("site/screenshots"), help="folder")
    parser.add_argument("--only", nargs="*", help="paths instead of all of the navigation")
    parser.add_argument("--range", default="7d", help="range of the pages")
    given = parser.parse_args()
    given.to.mkdir(parents=True, exist_ok=True)
    url = given.store if "://" in given.store else f"chdb://{Path(given.store).resolve()}"
    paths = given.only or [f"{path}?range={given.range}" for path in NAVIGATION]
    with open_store(url) as store, served(create_app(store.query)) as address:
        shoot(address, paths, given.to)


if __name__ == "__main__":
    main()
