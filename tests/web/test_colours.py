# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""A value has one colour, and colours can be distinguished, in both schemes."""

from __future__ import annotations

import re
from importlib.resources import files
from itertools import combinations

import pytest
from starlette.testclient import TestClient

from otel_llmcost.serve.web.colours import PALETTE, Colours, colours
from otel_llmcost.store import Store
from tests.cli.calls import add, call

pytestmark = pytest.mark.slow

SHEET = files("otel_llmcost.serve.web").joinpath("static", "css", "page.css").read_text()
LIGHT, DARK = SHEET.split("@media (prefers-color-scheme: dark)", 1)


def colour(sheet: str, name: str) -> tuple[float, float, float]:
    found = re.search(rf"--{name}: #([0-9a-f]{{3,6}});", sheet)
    assert found, name
    text = found[1] if len(found[1]) == 6 else "".join(2 * digit for digit in found[1])
    red, green, blue = (int(text[n : n + 2], 16) / 255 for n in (0, 2, 4))
    return linear(red), linear(green), linear(blue)


def linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4


def contrast(one: tuple[float, float, float], two: tuple[float, float, float]) -> float:
    light, dark = sorted((0.2126 * r + 0.7152 * g + 0.0722 * b for r, g, b in (one, two)))[::-1]
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("sheet", [LIGHT, DARK], ids=["light", "dark"])
def test_every_colour_stands_out_from_the_page_and_from_the_others(sheet: str) -> None:
    palette = [colour(sheet, f"c{n}") for n in range(PALETTE)]
    assert min(contrast(one, colour(sheet, "panel")) for one in palette) >= 3
    apart = min(
        max(abs(a - b) for a, b in zip(*pair, strict=True)) for pair in combinations(palette, 2)
    )
    assert apart > 0.02


def dots(html: str) -> dict[str, str]:
    """Colour class by name, of legends and tables."""
    found = re.findall(
        r'<span class="dot (c\d+|other)[^"]*"></span>\s*(?:<a [^>]*>)?([^<]+)<', html
    )
    return {name.strip(): kind for kind, name in found}


@pytest.mark.parametrize("by", ["feature", "user"])
def test_a_value_has_the_same_colour_on_every_page_and_in_every_range(
    page: TestClient, embedded_store: Store, by: str
) -> None:
    add(
        embedded_store,
        *(call(feature=f"f{n}", user_id=f"u{n}", hours_ago=150 - 20 * n, usd=str(n + 1))
          for n in range(8)),
    )  # fmt: skip
    seen: dict[str, set[str]] = {}
    for path in (f"/?by={by}", f"/explore?by={by}", f"/explore?by={by}&as=line&measure=calls"):
        for range_ in ("24h", "7d", "30d"):
            for name, kind in dots(page.get(f"{path}&range={range_}").text).items():
                if kind != "other":
                    seen.setdefault(name, set()).add(kind)
    assert len(seen) == 8
    assert all(len(kinds) == 1 for kinds in seen.values()), seen


def test_later_values_change_no_colour(embedded_store: Store) -> None:
    add(embedded_store, call(feature="first", hours_ago=90), call(feature="second", hours_ago=50))
    before = colours(embedded_store.query, ["feature"])
    add(embedded_store, call(feature="a-third", usd="99"))
    after = colours(embedded_store.query, ["feature"])
    assert [after.of(name) for name in ("first", "second")] == ["c0", "c1"]
    assert [before.of(name) for name in ("first", "second")] == ["c0", "c1"]


def test_names_that_share_a_colour_have_textures_of_their_own() -> None:
    same = Colours({"a": 0, "b": PALETTE, "c": 1, "d": 2 * PALETTE})
    assert same.textures(["a", "b", "c", "d"]) == {"a": 0, "b": 1, "c": 0, "d": 2}


def test_users_of_one_legend_can_be_distinguished(page: TestClient, embedded_store: Store) -> None:
    names = ("ana", "ci", "chloe", "emeka", "ben", "dmitri", "fatima")  # three of one colour
    add(embedded_store, *(call(user_id=name) for name in names))
    assert len({Colours({}).of(name) for name in ("ci", "chloe", "emeka")}) == 1
    html = page.get("/explore?by=user").text
    looks = re.findall(r'<span class="dot ([^"]*)"></span><a [^>]*title="Only', html)
    assert len(looks) == len(set(looks)) == len(names)
