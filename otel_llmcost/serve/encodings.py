# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Content-Encoding of request bodies, unpacked no further than a bound."""

from __future__ import annotations

import gzip
import importlib
import io
import sys
import zlib
from collections.abc import Callable
from typing import IO, Any, cast

PIECE = 1 << 20


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
    if name in ("", "identity"):
        return _within(body, limit)
    opener = _OPENERS.get(name)
    if opener is None:
        raise BadEncoding(f"unknown Content-Encoding {name}: use gzip")
    plain = io.BytesIO()
    stream = _attempt(opener, io.BytesIO(body), limit)
    with stream:
        while plain.tell() <= limit:
            if hold is not None:
                hold(PIECE)
            piece = _attempt(stream.read, PIECE)
            if not piece:
                break
            plain.write(piece)
    return _within(plain.getvalue(), limit)


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


class _Deflate:
    """zlib's format, of which HTTP says `deflate`; and gzip, which some send under that name."""

    def __init__(self, packed: IO[bytes]) -> None:
        self._left = packed.read()
        self._unpacker = zlib.decompressobj(wbits=zlib.MAX_WBITS | 32)

    def read(self, size: int) -> bytes:
        piece = self._unpacker.decompress(self._left, size)
        self._left = self._unpacker.unconsumed_tail
        if not piece and not self._unpacker.eof:
            raise EOFError("it ends too early")
        if self._unpacker.unused_data:
            raise ValueError("something follows its end")
        return piece

    def __enter__(self) -> _Deflate:
        return self

    def __exit__(self, *_: object) -> None:
        self._left = b""


def _deflate(packed: IO[bytes], limit: int) -> IO[bytes]:
    return cast("IO[bytes]", _Deflate(packed))


def _gzip(packed: IO[bytes], limit: int) -> IO[bytes]:
    return cast("IO[bytes]", gzip.GzipFile(fileobj=packed))


def _lz4(packed: IO[bytes], limit: int) -> IO[bytes]:
    return importlib.import_module("lz4.frame").open(packed)


def _zstd(packed: IO[bytes], limit: int) -> IO[bytes]:
    zstd = importlib.import_module(
        "compression.zstd" if sys.version_info >= (3, 14) else "backports.zstd"
    )
    # A frame may ask for a window of gigabytes before its first byte is unpacked.
    window = {zstd.DecompressionParameter.window_log_max: (limit - 1).bit_length()}
    return zstd.open(packed, options=window)


_OPENERS = {"gzip": _gzip, "x-gzip": _gzip, "deflate": _deflate, "lz4": _lz4, "zstd": _zstd}
