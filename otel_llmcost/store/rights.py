# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Roles of the embedded engine: a session drops to one before it runs SQL of others.

The engine then refuses by itself to change tables or to reach files and the network, as far as its
rights cover that; docs/explanation/threat-model.md says what they do not cover. Roles come from a
config file that every opening of the engine has to name.
"""

from __future__ import annotations

import atexit
import os
import tempfile
from functools import cache
from importlib.resources import files
from typing import IO, Literal

Role = Literal["owner", "reader", "writer", "rows"]

_KEPT_OPEN: list[IO[str]] = []


@cache
def config_file() -> str:
    """Path of the engine's config, for `config-file` of a connection; it lasts with the process.

    In memory where that exists: no other process can change it, and nothing is left behind.
    """
    if hasattr(os, "memfd_create"):
        file = os.fdopen(os.memfd_create("llmcost-engine"), "w", encoding="utf-8")
        path = f"/proc/self/fd/{file.fileno()}"
    else:
        descriptor, path = tempfile.mkstemp(suffix=".xml", prefix="llmcost-engine-")
        atexit.register(os.unlink, path)
        file = os.fdopen(descriptor, "w", encoding="utf-8")
    text = (files("otel_llmcost.store") / "rights.xml").read_text("utf-8")
    file.write(text.replace("{path}", path))
    file.flush()
    _KEPT_OPEN.append(file)
    return path


def drop_to(*roles: Role) -> str:
    """The statement after which a session has these roles only."""
    return "SET ROLE " + ", ".join(f"llmcost_{role}" for role in roles)
