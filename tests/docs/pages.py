# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""The pages that people read, and what a reader types from them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
NOT_RUN = "# not run here: needs "
GENERATED = {"docs/reference/cli.md"}
"""Its examples are those of the commands' own help; tests/cli/test_advice.py checks them."""


@dataclass(frozen=True)
class Page:
    """One Markdown file of the repository."""

    path: Path

    @property
    def name(self) -> str:
        return str(self.path.relative_to(ROOT))

    @property
    def text(self) -> str:
        return self.path.read_text("utf-8")

    def blocks(self, language: str) -> list[str]:
        return re.findall(rf"^```{language}\n(.*?)^```", self.text, re.M | re.S)

    def commands(self) -> list[str]:
        """The lines of its shell blocks; a comment of its own is none."""
        if self.name in GENERATED:
            return []
        lines = "\n".join(self.blocks("sh")).splitlines()
        return [line for line in lines if line.strip() and not line.startswith("#")]

    def files(self) -> dict[str, str]:
        """Files that a reader makes: a language and a name after the backticks, or `# app.py`."""
        named = re.findall(r"^```(?:json|csv) (\S+)\n(.*?)^```", self.text, re.M | re.S)
        programs = re.findall(r"^```python\n(# (\S+\.py)\n.*?)^```", self.text, re.M | re.S)
        return dict(named) | {name: text for text, name in programs}


README = Page(ROOT / "README.md")
DOCS = [Page(path) for path in sorted((ROOT / "docs").rglob("*.md"))]
PAGES = [README, *DOCS]
"""In the order of reading: a command that two pages have is run for the first."""


def without_comment(command: str) -> str:
    return command.split("    #")[0].split("  # ")[0].strip()


def by_hand(command: str) -> bool:
    """What the reader's shell is set up with, or another test checks."""
    return command.startswith(("make ", "pip install ", "otel-llmcost serve"))


def runnable(page: Page) -> list[str]:
    """Commands of the page that no earlier page has; settings of the shell are kept."""
    earlier = {
        without_comment(command)
        for other in PAGES[: PAGES.index(page)]
        for command in other.commands()
    }
    found = [
        without_comment(command)
        for command in page.commands()
        if NOT_RUN not in command and not by_hand(command)
    ]
    return [text for text in found if text.startswith("export ") or text not in earlier]


def has_commands(page: Page) -> bool:
    return any(not text.startswith("export ") for text in runnable(page))
