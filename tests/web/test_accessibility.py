# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""axe finds nothing on any page, in either scheme. axe-core 4.14.1 (MPL-2.0) is in `axe/`."""

from __future__ import annotations

from pathlib import Path

import pytest

from otel_llmcost.serve.web import create_app
from otel_llmcost.serve.web.pages import NAVIGATION
from otel_llmcost.store import Store
from tests.cli.calls import add, call, priced_call
from tests.web.browser import CHROMIUM, Browser, served

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="needs: apt-get install chromium"),
]
AXE = (Path(__file__).parent / "axe" / "axe.min.js").read_text()
RUN = """axe.run(document, {resultTypes: ["violations"]}).then((found) =>
  found.violations.flatMap((one) => one.nodes.map((node) =>
    `${one.id}: ${node.html.slice(0, 200)} ${node.any[0]?.message ?? ""}`)))"""
PAGES = (
    *NAVIGATION,
    *("/explore?by=feature&and=model&as=heat", "/explore?as=heat", "/why", "/top-savings"),
    *("/cache", "/explore?feature=a&not-user=ada&as=line&measure=latency_p95_ms", "/?feature=none"),
)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_on_any_page(
    browser: Browser, embedded_store: Store, scheme: str
) -> None:
    one = priced_call(feature="b", session_id="s-1", trace_id="f" * 32)
    add(embedded_store, call(), call(feature="a", hours_ago=5), call(usd=None), one)
    features = [{"name": "prefers-color-scheme", "value": scheme}]
    browser.command("Emulation.setEmulatedMedia", features=features)
    found: list[str] = []
    with served(create_app(embedded_store.query)) as url:
        more = ("/rules", "/entity?user=ada", f"/run?trace={one['trace_id']}")
        of_call = (f"/call?id={one['record_id']}", f"/calls?call={one['record_id']}")
        for path in (*PAGES, *more, *of_call):
            browser.go(f"{url}{path}")
            browser.wait_for("document.querySelector('[aria-busy]') === null")
            browser.run(f"{AXE}; true")
            found += [f"{path} {violation}" for violation in browser.run(RUN)]
        browser.go("about:blank")
    assert not found, "\n".join(found)
