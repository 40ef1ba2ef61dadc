# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""People in front of the page: their clients, and the forms that they send."""

from __future__ import annotations

import re
from typing import Any

from starlette.testclient import TestClient

from otel_llmcost.serve.web import create_app
from otel_llmcost.serve.web.people import Doors
from otel_llmcost.store import Store

HERE = "http://127.0.0.1:8321"
OWN = {"Origin": HERE}
HOSTILE = "</title><script>alert(1)</script>\"'><img src=x onerror=alert(1)>"


def client(
    store: Store,
    doors: Doors | None = None,
    client: tuple[str, int] = ("127.0.0.1", 5),
    **more: Any,
) -> TestClient:
    """A browser at an address, which has cookies of its own."""
    app = create_app(store.query, doors=doors, change=lambda do: do(store), **more)
    return TestClient(app, base_url=HERE, follow_redirects=False, client=client)


def form_token(page: TestClient, path: str, **headers: str) -> str:
    """The token in the forms of a page; empty when the page has none."""
    found = re.search(r'name="token" value="([0-9a-f]+)"', page.get(path, headers=headers).text)
    return found[1] if found else ""


def send(page: TestClient, path: str, stood_on: str, **fields: str) -> Any:
    """A form of a page, filled in and sent as a browser does."""
    token = form_token(page, stood_on)
    return page.post(path, data={"token": token, **fields}, headers=OWN)
