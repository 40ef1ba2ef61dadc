# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Says in a plain test run what it leaves out."""

from __future__ import annotations

from importlib.util import find_spec

import pytest


def test_other_emitters_and_frameworks_have_an_environment_of_their_own() -> None:
    if find_spec("openinference") is None:
        pytest.skip("other emitters and frameworks: run `make test-coexistence`")
