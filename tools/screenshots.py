# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Screenshots of every page, wide and narrow, light and dark: `python -m tools.screenshots STORE`.

`make screenshots` takes the demo's store. Needs Chromium. The images are for eyes, not for Git, but
for the image of the README: `--image docs/pictures/page.png` makes that one alone.
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
MOST_BYTES = 250_000
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


def readme_image(url: str, file: Path) -> None:
    """The overview down to its budgets: light, 1440 px wide, small enough for a README."""
    with tempfile.TemporaryDirectory() as profile, Browser(Path(profile)) as browser:
        features = [{"name": "prefers-color-scheme", "value": "light"}]
        browser.command("Emulation.setEmulatedMedia", features=features)
        size = {"width": 1440, "deviceScaleFactor": 1, "mobile": False}
        browser.command("Emulation.setDeviceMetricsOverride", height=900, **size)
        browser.command("Emulation.setScrollbarsHidden", hidden=True)
        browser.go(url)
        browser.wait_for("document.querySelector('[aria-busy]') === null")
        end = "document.querySelector('.thirds + .panel').getBoundingClientRect().bottom"
        tall = int(browser.run(f"{end} + scrollY")) + 16
        browser.command("Emulation.setDeviceMetricsOverride", height=tall, **size)
        image = base64.b64decode(browser.command("Page.captureScreenshot", format="png")["data"])
    if len(image) > MOST_BYTES:
        raise SystemExit(f"{file} would have {len(image):,} bytes: at most {MOST_BYTES:,}")
    file.write_bytes(image)
    print(f"{file}  {len(image):,} bytes")


def main() -> None:
    """Serve a store to a browser and keep what it shows."""
    parser = argparse.ArgumentParser(description="screenshots of every page")
    parser.add_argument("store", help="directory of an embedded store, or the URL of a server")
    parser.add_argument("--to", type=Path, default=Path("site/screenshots"), help="folder")
    parser.add_argument("--only", nargs="*", help="paths instead of all of the navigation")
    parser.add_argument("--image", type=Path, help="only the README's image, into this file")
    parser.add_argument("--range", default="7d", help="range of the pages")
    given = parser.parse_args()
    given.to.mkdir(parents=True, exist_ok=True)
    url = given.store if "://" in given.store else f"chdb://{Path(given.store).resolve()}"
    paths = given.only or [f"{path}?range={given.range}" for path in NAVIGATION]
    with open_store(url) as store, served(create_app(store.query)) as address:
        store.refresh()  # as the daemon does, or the pages say that it does not
        if given.image:
            readme_image(f"{address}/?range={given.range}", given.image)
        else:
            shoot(address, paths, given.to)


if __name__ == "__main__":
    main()
