# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Where in the user's code a call was made; it names spend that carries no feature tag."""

from __future__ import annotations

import os
import sys
import sysconfig
from collections.abc import Mapping
from types import CodeType, FrameType

from otel_llmcost import semconv
from otel_llmcost.providers import APIS

_SKIPPED_PACKAGES = frozenset(
    {"otel_llmcost", "opentelemetry", "openinference", "wrapt"}
    | {"httpx", "httpx2", "contextlib", "functools"}
    | {api.sdk.name for api in APIS}
)
_PATHS = sysconfig.get_paths()
_LIBRARIES = tuple(
    {os.path.join(_PATHS[name], "") for name in ("stdlib", "purelib", "platlib")} | {"<frozen"}
)
_MAX_FRAMES = 64

_SDK, _LIBRARY, _APPLICATION = 0, 1, 2
_kinds: dict[CodeType, int] = {}
_places: dict[tuple[CodeType, int], Mapping[str, str | int]] = {}
_MAX_PLACES = 10_000


def call_site() -> Mapping[str, str | int]:
    """`code.*` attributes of the caller: the innermost frame of the application, else of a library.

    Frames of the SDKs and of this package never count. A framework between the application and the
    SDK is passed over, because "langchain" would name nothing. Empty when there is no such frame.
    """
    frame: FrameType | None = sys._getframe(1)  # pyright: ignore[reportPrivateUsage] - public enough: logging uses it
    library: FrameType | None = None
    for _ in range(_MAX_FRAMES):
        if frame is None:
            break
        kind = _kinds.get(frame.f_code)
        if kind is None:
            kind = _kinds[frame.f_code] = _kind_of(frame)
        if kind == _APPLICATION:
            return _attributes(frame)
        if kind == _LIBRARY and library is None:
            library = frame
        frame = frame.f_back
    return _attributes(library) if library else {}


def _kind_of(frame: FrameType) -> int:
    package = str(frame.f_globals.get("__name__", "")).partition(".")[0]
    if package in _SKIPPED_PACKAGES:
        return _SDK
    return _LIBRARY if frame.f_code.co_filename.startswith(_LIBRARIES) else _APPLICATION


def _attributes(frame: FrameType) -> Mapping[str, str | int]:
    code = frame.f_code
    place = (code, frame.f_lineno)
    found = _places.get(place)
    if found is None:
        if len(_places) > _MAX_PLACES:
            _places.clear()
        found = _places[place] = {
            semconv.CODE_FUNCTION: f"{frame.f_globals.get('__name__', '?')}.{code.co_qualname}",
            semconv.CODE_FILE: code.co_filename,
            semconv.CODE_LINE: frame.f_lineno,
        }
    return found
