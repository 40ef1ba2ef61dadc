# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""The HTTP library that the installed SDKs send with: httpx2, or httpx for older versions."""

from __future__ import annotations

import importlib
from typing import Any

import anthropic
import openai

_used = {sdk.DefaultHttpxClient.__mro__[1].__module__ for sdk in (anthropic, openai)}
assert len(_used) == 1, f"install versions of the SDKs that share one HTTP library, not {_used}"

httpx: Any = importlib.import_module(_used.pop())
