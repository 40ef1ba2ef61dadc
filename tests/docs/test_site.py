# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""The documentation is one site: every page is in it, every link leads somewhere."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.docs.pages import README, ROOT

LOADED = re.compile(r"""<(?:script|img|iframe)[^>]*\ssrc=["'](?:https?:)?//|@import\s""")
STYLES = re.compile(
    r"""<link[^>]*\srel=["']?(?:stylesheet|preconnect)["']?[^>]*["'](?:https?:)?//"""
)
OTHER_FILES = ["README.md", "CONTRIBUTING.md", "collector/README.md", "dashboards/README.md"]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The built site; a warning, such as a dead link or a page that no menu names, is an error."""
    folder = tmp_path_factory.mktemp("site")
    build = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", folder]
    done = subprocess.run(build, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


def test_every_page_is_built(site: Path) -> None:
    sources = {path.relative_to(ROOT / "docs") for path in (ROOT / "docs").rglob("*.md")}
    assert {path.with_suffix(".html") for path in sources} <= {
        path.relative_to(site) for path in site.rglob("*.html")
    }


def test_a_reader_needs_no_network(site: Path) -> None:
    for path in site.rglob("*.html"):
        assert not LOADED.search(path.read_text()), path
        assert not STYLES.search(path.read_text()), path


@pytest.mark.parametrize("name", OTHER_FILES)
def test_links_of_files_outside_the_site_lead_to_files_of_the_repository(name: str) -> None:
    targets = re.findall(r"\]\((?!https?:)([^)#]+)", (ROOT / name).read_text("utf-8"))
    assert targets
    assert [one for one in targets if not (ROOT / name).parent.joinpath(one).exists()] == []


def test_the_readme_is_short() -> None:
    assert len(README.text.splitlines()) <= 150


@pytest.mark.parametrize("name", ["one-reply-to-a-dollar.svg", "a-rollups-life.svg"])
def test_a_diagram_names_folders_and_files_that_exist(name: str) -> None:
    text = (ROOT / "docs/explanation" / name).read_text("utf-8")
    labels = " ".join(re.findall(r'class="file"[^>]*>([^<]+)<', text))
    paths = re.findall(r"\b[a-z]+(?:/[a-z_.]+)+", labels)
    package = ROOT / "otel_llmcost"
    assert [path for path in paths if not (package / path).exists()] == []


def test_the_architecture_page_lists_every_package() -> None:
    text = (ROOT / "docs/explanation/architecture.md").read_text("utf-8")
    section = text.split("## The packages")[1].split("\n## ")[0]
    parts = {path.stem for path in (ROOT / "otel_llmcost").iterdir() if path.suffix in ("", ".py")}
    named = set(re.findall(r"`(\w+)`", section))
    assert {part for part in parts if not part.startswith("_")} <= named
