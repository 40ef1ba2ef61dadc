# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""The files that the pages load: compressed once, and kept by browsers until they change."""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.resources import files
from importlib.resources.abc import Traversable

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

_MEDIA = {
    ".css": "text/css",
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
    ".txt": "text/plain",
}
_FOREVER = "public, max-age=31536000, immutable"


@dataclass(frozen=True)
class Asset:
    """One file as it is sent."""

    body: bytes
    media: str

    @cached_property
    def digest(self) -> str:
        """Names this content in its address, so that another content has another address."""
        return hashlib.sha256(self.body).hexdigest()[:16]

    @cached_property
    def compressed(self) -> bytes:
        """With gzip, the same bytes every time."""
        return gzip.compress(self.body, mtime=0)


def address(name: str) -> str:
    """Where the pages load a file from, such as `page.css`."""
    return f"/static/{name}?v={_assets()[name].digest}"


def routes() -> list[Route]:
    """A route for each file: the scripts, the styles of all pages as one, the icon."""
    return [Route(f"/static/{name}", _serve(asset)) for name, asset in _assets().items()]


@cache
def _assets() -> dict[str, Asset]:
    folder = files("otel_llmcost.serve.web").joinpath("static")
    found = {
        file.name: Asset(file.read_bytes(), _media(file))
        for part in (folder, folder.joinpath("vendor"))
        for file in part.iterdir()
        if file.is_file()
    }
    return {**found, "page.css": Asset(_styles(folder.joinpath("css")), "text/css")}


def _styles(folder: Traversable) -> bytes:
    """The style sheet of every page, then those of single pages."""
    sheets = sorted(folder.iterdir(), key=lambda sheet: (sheet.name != "page.css", sheet.name))
    return b"\n".join(sheet.read_bytes() for sheet in sheets)


def _media(file: Traversable) -> str:
    return _MEDIA[file.name[file.name.rindex(".") :]]


def _serve(asset: Asset) -> Callable[[Request], Awaitable[Response]]:
    async def serve(request: Request) -> Response:
        is_this = request.query_params.get("v") == asset.digest
        headers = {
            "Cache-Control": _FOREVER if is_this else "no-cache",
            "Vary": "Accept-Encoding",
        }
        body = asset.body
        if "gzip" in request.headers.get("accept-encoding", ""):
            body = asset.compressed
            headers["Content-Encoding"] = "gzip"
        return Response(body, media_type=asset.media, headers=headers)

    return serve
