# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Several ASGI apps on ports of their own, in one event loop on one thread."""

from __future__ import annotations

import asyncio
import socket
import threading
from typing import TYPE_CHECKING

import uvicorn

from otel_llmcost.errors import ConfigError
from otel_llmcost.serve.transport.connections import Connection

if TYPE_CHECKING:
    from starlette.types import ASGIApp


def listen(host: str, port: int, option: str) -> socket.socket:
    """A bound socket. Raises ConfigError that names the option when the port is taken."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    bound = socket.socket(family, socket.SOCK_STREAM)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind((host, port))
        bound.listen(128)
    except OSError as error:
        bound.close()
        why = error.strerror or str(error)
        raise ConfigError(f"cannot listen on {host}:{port} ({why}): change {option}") from error
    return bound


class WebServers:
    """Serves each app on its socket until `stop`."""

    def __init__(self, apps: list[tuple[ASGIApp, socket.socket]]) -> None:
        self._servers = [(uvicorn.Server(_settings(app)), bound) for app, bound in apps]
        self._thread = threading.Thread(target=self._run, name="llmcost-http", daemon=True)

    def start(self) -> None:
        """Begin to answer. The sockets already listen, so no client is refused meanwhile."""
        self._thread.start()

    def stop(self) -> None:
        """Refuse new connections; return when requests under way have their answer."""
        for server, _ in self._servers:
            server.should_exit = True
        self._thread.join()
        for _, bound in self._servers:
            bound.close()

    def _run(self) -> None:
        asyncio.run(self._serve())

    async def _serve(self) -> None:
        await asyncio.gather(*(server.serve(sockets=[bound]) for server, bound in self._servers))


def _settings(app: ASGIApp) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        http=Connection,
        # A client on this machine could otherwise claim any address.
        proxy_headers=False,
        log_config=None,
        access_log=False,
        lifespan="off",
        server_header=False,
        timeout_graceful_shutdown=5,
        ws="none",
    )
