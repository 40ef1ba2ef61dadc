# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.serve.running import Running
from tests.support.schema_store import with_schema


@pytest.fixture(scope="session")
def daemon(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """One daemon for all tests of this folder, in a process of its own."""
    running = Running.start(with_schema(tmp_path_factory.mktemp("serve") / "store"))
    yield running
    assert running.stop() == 0


@pytest.fixture
def canary(tmp_path: Path) -> Path:
    """A file that no reader may see."""
    path = tmp_path / "canary"
    path.write_text("CANARY")
    return path
