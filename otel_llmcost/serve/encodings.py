# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Content-Encoding of request bodies, unpacked no further than a bound."""

from __future__ import annotations

import io
import zlib
from collections.abc import Callable
from typing import IO, Any, cast

from otel_llmcost.errors import MissingExtraError


class TooLarge(ValueError):
    """The body, once unpacked, is larger than is accepted."""


class BadEncoding(ValueError):
    """The body is not packed as its Content-Encoding says, or in a way that is not known here."""


def unpack(body: bytes, encoding: str, limit: int) -> bytes:
    """The body without its Content-Encoding. Raises TooLarge and BadEncoding."""
    name = encoding.strip().lower()
    if name in ("", "identity"):
        plain = body
    elif name in ("gzip", "deflate"):
        plain = _inflate(body, limit)
    elif name in ("lz4", "zstd"):
        plain = _read(_OPENERS[name], body, limit)
    else:
        raise BadEncoding(f"unknown Content-Encoding {name}: use gzip")
    if len(plain) > limit:
        raise TooLarge(f"more than {limit} bytes: send smaller batches")
    return plain


def _inflate(body: bytes, limit: int) -> bytes:
    unpacker = zlib.decompressobj(wbits=zlib.MAX_WBITS | 32)  # 32: gzip or zlib, by its header
    try:
        plain = unpacker.decompress(body, limit + 1)
    except zlib.error as error:
        raise BadEncoding(f"not gzip: {error}") from error
    if not unpacker.eof and len(plain) <= limit:
        raise BadEncoding("not gzip: it ends too early")
    return plain


def _read(opener: Callable[[IO[bytes]], IO[bytes]], body: bytes, limit: int) -> bytes:
    try:
        with opener(io.BytesIO(body)) as stream:
            return stream.read(limit + 1)
    except (RuntimeError, EOFError, OSError, ValueError) as error:
        raise BadEncoding(f"cannot unpack the body: {error}") from error


def _lz4(stream: IO[bytes]) -> IO[bytes]:
    try:
        import lz4.frame as lz4_frame  # pyright: ignore[reportMissingTypeStubs] # it has none
    except ImportError as error:
        raise MissingExtraError("serve", "Content-Encoding: lz4") from error
    return cast("IO[bytes]", cast(Any, lz4_frame).open(stream))


def _zstd(stream: IO[bytes]) -> IO[bytes]:
    try:
        from backports import zstd
    except ImportError as error:
        raise MissingExtraError("serve", "Content-Encoding: zstd") from error
    return cast("IO[bytes]", cast(Any, zstd).open(stream))


_OPENERS = {"lz4": _lz4, "zstd": _zstd}
