# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""The page over the store of the tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from otel_llmcost.serve.web import create_app
from otel_llmcost.store import Store
from tests.support.embedded import embedded_store
from tests.web.browser import Browser

__all__ = ["embedded_store"]


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """A Chromium of its own for the tests of one file."""
    with Browser(tmp_path_factory.mktemp("profile")) as started:
        yield started


@pytest.fixture
def page(embedded_store: Store) -> Iterator[TestClient]:
    """A client of the page."""
    with TestClient(create_app(embedded_store.query), base_url="http://127.0.0.1:8321") as client:
        yield client
