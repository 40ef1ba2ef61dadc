# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""What the public views and their columns mean, in words, for people who query them."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from importlib.resources import files
from typing import Any

from otel_llmcost.schema.catalog import public_views, views
from otel_llmcost.schema.files import header


@cache
def about_views() -> dict[str, str]:
    """The grain of every public view by its name, as its file states it."""
    texts = {item.name: item.sql for item in views()}
    return {name: header(texts[name], "Grain").rstrip(".") for name in public_views()}


@cache
def parameters_of(view: str) -> tuple[str, ...]:
    """Names of the parameters that a view takes, such as `since`; none for most."""
    [text] = [item.sql for item in views() if item.name == view]
    without_comments = re.sub(r"^\s*--.*\n", "", text, flags=re.MULTILINE)
    return tuple(dict.fromkeys(re.findall(r"\{(\w+):", without_comments)))


def meaning(view: str, column: str) -> str:
    """What a column means there, and its unit; "" for one that nothing is said of."""
    content = _content()
    exact: dict[str, dict[str, str]] = content["views"]
    columns: dict[str, str] = content["columns"]
    return exact.get(view, {}).get(column) or columns.get(column, "")


@cache
def _content() -> dict[str, Any]:
    text = files("otel_llmcost.schema").joinpath("columns.toml").read_text("utf-8")
    return tomllib.loads(text)
