# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Content-Encoding of request bodies, unpacked no further than a bound."""

from __future__ import annotations

import importlib
import io
import sys
import zlib
from collections.abc import Callable, Iterator
from typing import Any, Protocol

PIECE = 1 << 20
MAX_MEMBERS = 1000
"""Parts of their own in a packed body (gzip's members, frames of lz4 and zstd). Each costs time,
also an empty one, of which a megabyte holds a hundred thousand."""
_GIVEN = 64 << 10


class _Unpacker(Protocol):
    """Unpacks one member, at most so many bytes at a time; raises an error of its own."""

    @property
    def eof(self) -> bool: ...
    @property
    def unused_data(self) -> bytes | None: ...
    def decompress(self, packed: bytes, size: int, /) -> bytes: ...


class TooLarge(ValueError):
    """The body, once unpacked, is larger than is accepted."""


class BadEncoding(ValueError):
    """The body is not packed as its Content-Encoding says, or in a way that is not known here."""


def unpack(
    body: bytes, encoding: str, limit: int, hold: Callable[[int], None] | None = None
) -> bytes:
    """The body without its Content-Encoding. Raises TooLarge and BadEncoding.

    `hold` is called with the size of each further piece before there is one; what it raises ends
    the unpacking.
    """
    name = encoding.strip().lower()
    if name in ("", "identity") or not body:
        return _within(body, limit)
    unpacker = _UNPACKERS.get(name)
    if unpacker is None:
        raise BadEncoding(f"unknown Content-Encoding {name}: use gzip")
    plain = io.BytesIO()
    held = 0
    for piece in _pieces(body, unpacker, limit):
        plain.write(piece)
        if plain.tell() > limit:
            break
        if hold is not None and held < plain.tell() + PIECE:
            hold(PIECE)
            held += PIECE
    return _within(plain.getvalue(), limit)


def _pieces(body: bytes, unpacker: Callable[[int], _Unpacker], limit: int) -> Iterator[bytes]:
    """What is packed in one member, or in several behind each other: a PIECE at most, and empty
    where there is nothing yet."""
    at, members = 0, 0
    while at < len(body):
        yield b""
        members += 1
        if members > MAX_MEMBERS:
            raise BadEncoding(f"cannot unpack the body: more than {MAX_MEMBERS} members")
        member = _attempt(unpacker, limit)
        while not member.eof:
            piece = _attempt(member.decompress, b"", PIECE)  # of what it was given before
            if not piece and not member.eof:
                given = body[at : at + _GIVEN]
                if not given:
                    raise BadEncoding("cannot unpack the body: it ends too early")
                at += len(given)
                piece = _attempt(member.decompress, given, PIECE)
            yield piece
        at -= len(member.unused_data or b"")


def _within(plain: bytes, limit: int) -> bytes:
    if len(plain) > limit:
        raise TooLarge(f"more than {limit >> 20} MB: send smaller batches")
    return plain


def _attempt(step: Callable[..., Any], *arguments: Any) -> Any:
    """Each library has errors of its own for bytes it cannot unpack."""
    try:
        return step(*arguments)
    except ImportError as error:
        raise BadEncoding(f"this Content-Encoding is not installed ({error}): use gzip") from error
    except Exception as error:
        raise BadEncoding(f"cannot unpack the body: {error}") from error


class _Zlib:
    """zlib's decompressor, which leaves to its caller what it has not unpacked yet."""

    def __init__(self, window: int) -> None:
        self._member = zlib.decompressobj(window)
        self._left = b""

    @property
    def eof(self) -> bool:
        return self._member.eof

    @property
    def unused_data(self) -> bytes:
        return self._member.unused_data

    def decompress(self, packed: bytes, size: int) -> bytes:
        piece = self._member.decompress(self._left + packed, size)
        self._left = self._member.unconsumed_tail
        return piece


def _gzip(limit: int) -> _Unpacker:
    return _Zlib(zlib.MAX_WBITS | 16)


def _deflate(limit: int) -> _Unpacker:
    """zlib's format, of which HTTP says `deflate`; and gzip, which some send under that name."""
    return _Zlib(zlib.MAX_WBITS | 32)


def _lz4(limit: int) -> _Unpacker:
    return importlib.import_module("lz4.frame").LZ4FrameDecompressor()


def _zstd(limit: int) -> _Unpacker:
    zstd = importlib.import_module(
        "compression.zstd" if sys.version_info >= (3, 14) else "backports.zstd"
    )
    # A frame may request a window of gigabytes before its first byte is unpacked.
    window = {zstd.DecompressionParameter.window_log_max: (limit - 1).bit_length()}
    return zstd.ZstdDecompressor(options=window)


_UNPACKERS = {"gzip": _gzip, "x-gzip": _gzip, "deflate": _deflate, "lz4": _lz4, "zstd": _zstd}
