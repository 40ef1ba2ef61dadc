# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""How wide the columns of a table may be, so that no figure is ever cut or broken over two lines.

Text folds first, then whole columns are left out; what still does not fit is no table.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rich.cells import cell_len, chop_cells

_WIDE_GAP, _NARROW_GAP = 3, 2
_EDGES = 2
_FOLDED = 10
"""Text columns keep this width, as far as their text is as long."""
_PROSE, _FOLDED_PROSE = 40, 24
"""Columns with sentences: what makes one, and the width that it keeps."""
_LONGEST_WORD = 20

_SEPARATORS = frozenset("-_/=&?;.,:")
"""Text folds after these, but never between two digits: that may be one figure."""
_FIGURE = re.compile(r"[^A-Za-z]*\d[^A-Za-z]*[A-Za-z]{0,3}[^A-Za-z]*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """A column as text; `cells` has the total as well."""

    name: str
    cells: Sequence[str]
    number: bool
    """Stands on the right, and is never folded."""
    spare: int = 0
    """Left out before those with a smaller number; 0 never is."""

    @property
    def natural(self) -> int:
        """Width without folding."""
        return max(map(cell_len, (self.name, *self.cells)))

    @property
    def least(self) -> int:
        """Width below which a figure would break, or text could not be read."""
        heading = _unbroken(self.name)
        longest = max(map(cell_len, self.cells), default=0)
        if self.number or all(_FIGURE.fullmatch(cell) for cell in self.cells if cell):
            return max(heading, longest)
        text = min(longest, _FOLDED_PROSE if longest > _PROSE else _FOLDED)
        return max(heading, text, *(_unbroken(cell) for cell in self.cells))


@dataclass(frozen=True, slots=True)
class Fit:
    """A table that fits: its fields with their widths, and the names of those left out."""

    shown: list[tuple[int, int]]
    """Number of the field, and its width."""
    hidden: list[str]
    narrow: bool
    """Whether columns stand closer together than usual."""


def fit(fields: Sequence[Field], width: int) -> Fit | None:
    """The most columns that fit into `width`; None when not even those that must be seen do."""
    shown = list(range(len(fields)))
    natural = [field.natural for field in fields]
    least = [field.least for field in fields]
    if sum(natural) + _around(len(shown), _WIDE_GAP) <= width:
        return Fit([(n, natural[n]) for n in shown], [], narrow=False)
    while sum(least[n] for n in shown) + _around(len(shown), _NARROW_GAP) > width:
        first = max(shown, key=lambda n: (fields[n].spare, n), default=None)
        if first is None or not fields[first].spare:
            return None
        shown.remove(first)
    free = width - _around(len(shown), _NARROW_GAP)
    widths = _shrunk([natural[n] for n in shown], [least[n] for n in shown], free)
    hidden = [field.name for n, field in enumerate(fields) if n not in shown]
    return Fit(list(zip(shown, widths, strict=True)), hidden, narrow=True)


def folded(text: str, width: int) -> list[str]:
    """The text in lines of at most `width`, wherever that takes no figure apart."""
    lines: list[str] = []
    for line in text.split("\n"):
        current = ""
        for piece in _pieces(line, width):
            if current and cell_len((current + piece).rstrip()) > width:
                lines.append(current.rstrip())
                current = ""
            current += piece
        lines.append(current.rstrip())
    return lines


def _around(columns: int, gap: int) -> int:
    return _EDGES + gap * (columns - 1)


def _shrunk(natural: list[int], least: list[int], free: int) -> list[int]:
    """Widths that add up to `free` or less: the widest give way first."""
    widths = list(natural)
    while sum(widths) > free:
        widest = max(
            (n for n in range(len(widths)) if widths[n] > least[n]), key=lambda n: widths[n]
        )
        widths[widest] -= 1
    return widths


def _pieces(text: str, width: int) -> Iterator[str]:
    """What a line may end after; longer words are chopped, figures are not."""
    for word in re.findall(r"\s*\S+\s*", text) or [text]:
        for piece in _split(word):
            if cell_len(piece.rstrip()) <= width or _FIGURE.fullmatch(piece.strip()):
                yield piece
            else:
                yield from chop_cells(piece.rstrip(), width)
                if piece != piece.rstrip():
                    yield " "


def _split(word: str) -> list[str]:
    """A word where it may fold."""
    cuts = [0, *(n for n in range(2, len(word)) if _may_fold(word, n)), len(word)]
    return [word[a:b] for a, b in itertools.pairwise(cuts)]


def _may_fold(word: str, at: int) -> bool:
    before, separator, after = word[at - 2], word[at - 1], word[at]
    if separator not in _SEPARATORS or after in _SEPARATORS or before.isspace():
        return False
    return not (before.isdigit() and after.isdigit())


def _unbroken(cell: str) -> int:
    """Width of the longest piece that must stay whole."""
    pieces = [piece.strip() for word in cell.split() for piece in _split(word)]
    return max(
        (
            cell_len(piece) if _FIGURE.fullmatch(piece) else min(cell_len(piece), _LONGEST_WORD)
            for piece in pieces
        ),
        default=0,
    )
