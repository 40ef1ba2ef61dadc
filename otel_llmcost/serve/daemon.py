# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""The whole pipeline in one process: receivers, store, ClickHouse dialect and web page."""

from __future__ import annotations

import logging
import os
import signal
import threading
import time
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from otel_llmcost.detection.look import look
from otel_llmcost.errors import MissingExtraError, StoreBusyError
from otel_llmcost.serve import readiness, state_file
from otel_llmcost.serve.config import ServeConfig
from otel_llmcost.serve.receivers import OutsideReceiver, Receiver
from otel_llmcost.store import Result, Store, open_store, privacy
from otel_llmcost.store.opening import make_directory
from otel_llmcost.store.owner import find_owner
from otel_llmcost.timezones import name_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from starlette.requests import Request
    from starlette.types import ASGIApp

    from otel_llmcost.ingest import DiskGuard
    from otel_llmcost.serve.confinement import Outside
    from otel_llmcost.serve.operations import Operations

_log = logging.getLogger(__name__)
_LEVERS_S = 30.0
# Older Starlette cuts a Host at its first colon; no name that could be rebound begins with [.
_LOCAL_NAMES = ["127.0.0.1", "localhost", "host.docker.internal", "[::1]", "["]


class Daemon:
    """Starts everything that `otel-llmcost serve` runs; usable in-process by tests and the demo.

    It owns the store's chDB engine, of which a process can have one: `stop` lets go of it.
    """

    def __init__(self, config: ServeConfig) -> None:
        self.config = config
        self.ports: dict[str, int] = {}
        """Where it listens: `otlp_grpc`, `otlp_http`, `clickhouse`, `web`."""
        self.facts: dict[str, Any] = {}
        """What `daemon.json` says: pid, ports, addresses, users and their passwords."""
        self.landlock = "off: not requested"
        """Whether the operating system keeps the process to its store; why not, if not."""
        self._outside: Outside | None = None
        self._stack = ExitStack()
        self._stopping = threading.Event()
        self._stores = threading.local()
        self._is_prepared = False
        self._umask = -1

    def start(self) -> None:
        """Open the store and listen; returns when all of it answers.

        Raises StoreBusyError when another process owns the store, ConfigError when a port is taken,
        MissingExtraError when packages of the extra `serve` are missing.
        """
        with ExitStack() as stack:
            self._start(stack)
            self._stack = stack.pop_all()

    def stop(self) -> None:
        """Write what was accepted, then let go of ports and store. Harmless when repeated."""
        self._stopping.set()
        self._stack.close()

    def wait(self) -> None:
        """Block until SIGINT, SIGTERM or `stop`, then stop. Call it from the main thread."""
        self.stop_on(signal.SIGINT)
        self.stop_on(signal.SIGTERM)
        self._stopping.wait()
        self.stop()

    def stop_on(self, number: signal.Signals) -> None:
        """Let `wait` end at a signal, also at one that comes while the daemon starts."""

        def on_signal(*_: object) -> None:
            self._stopping.set()

        signal.signal(number, on_signal)

    def __enter__(self) -> Daemon:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _start(self, stack: ExitStack) -> None:
        try:
            from otel_llmcost.ingest import Ingestor
            from otel_llmcost.serve import confinement, web
            from otel_llmcost.serve.clickhouse_http import endpoint
            from otel_llmcost.serve.clickhouse_http.readers import Readers
            from otel_llmcost.serve.operations import Operations
            from otel_llmcost.serve.otlp import grpc, http
            from otel_llmcost.serve.otlp.intake import Intake
            from otel_llmcost.serve.transport import listeners
            from otel_llmcost.serve.web import people
        except ImportError as error:
            if isinstance(error, MissingExtraError):
                raise
            raise MissingExtraError("serve", "`otel-llmcost serve`") from error

        config = self.config
        path = config.store.absolute()
        _refuse_if_owned(path)
        # Ports first: a mistake there is reported before the engine has been loaded.
        host = config.host
        sockets = {
            name: listeners.listen(host, port, f"--{option}-port")
            for name, option, port in (
                ("otlp_http", "otlp-http", config.otlp_http_port),
                ("clickhouse", "clickhouse", config.clickhouse_port),
                ("web", "web", config.web_port),
            )
        }
        for bound in sockets.values():
            stack.callback(bound.close)
        # gRPC binds for itself, but reports on stderr when it cannot.
        listeners.listen(host, config.otlp_grpc_port, "--otlp-grpc-port").close()
        self.ports = {name: bound.getsockname()[1] for name, bound in sockets.items()}

        # The engine makes files as the umask says, at any time.
        self._umask = os.umask(0o077)
        stack.callback(os.umask, self._umask)
        make_directory(path)
        privacy.tighten(path)
        users = {"reader": config.token or "", **state_file.passwords(path)}
        if config.landlock:
            # Now: threads that are still to come inherit it, the engine's among them.
            self._outside, self.landlock = confinement.confine(path)
            if self._outside is not None:
                stack.callback(self._outside.stop)

        store = open_store(f"chdb://{path}")
        stack.callback(store.close)
        self._is_prepared = readiness.prepare(store, path)
        ingestor = Ingestor(path)
        stack.callback(ingestor.close)
        intake = Intake(ingestor)
        stack.callback(intake.close)
        grpc_server = grpc.OtlpGrpc(intake, host, config.otlp_grpc_port, config.token)
        self.ports["otlp_grpc"] = grpc_server.port

        urls = self._urls()
        version = str(store.query("SELECT version()").rows[0][0])
        readers = Readers(path, ingestor.disk_guard)
        doors = people.Doors(
            token=config.token,
            viewer_token=config.viewer_token,
            identity_header=config.identity_header,
            trusted_proxies=config.trusted_proxies or people.LOOPBACK,
            editors=frozenset(config.editors),
            is_https=config.page_url.startswith("https:"),
        )
        page = web.create_app(
            self._query,
            allowed_hosts=self._names() if config.is_local else ["*"],
            otlp_endpoint=urls["otlp_http"],
            zone=config.timezone,
            doors=doors,
            change=partial(self._change, ingestor.disk_guard),
            page_url=config.page_url,
            readers=readers,
        )
        receiver = http.create_app(intake)
        operations = Operations(path, ingestor, version, self._stopping)
        operations.landlock = self.landlock
        sql = endpoint.create_app(readers, users, version, intake.budget, self._console)
        servers = listeners.WebServers(
            [
                (
                    self._guard(operations.serve_with(receiver), token=config.token),
                    sockets["otlp_http"],
                ),
                (self._guard(sql, token=None), sockets["clickhouse"]),
                (
                    self._guard(
                        people.PeopleOnly(operations.serve_with(page), doors),
                        token=None,
                        links=True,
                    ),
                    sockets["web"],
                ),
            ]
        )
        refresher = threading.Thread(
            target=self._refresh,
            args=(store, ingestor.disk_guard, operations),
            name="llmcost-refresh",
            daemon=True,
        )
        refresher.start()
        operations.watch(refresher)
        stack.callback(refresher.join)
        if config.receivers:
            # A thread of its own: a receiver that hangs must not hold up the rollups.
            teller = threading.Thread(
                target=self._notify, args=(ingestor.disk_guard,), name="llmcost-watch", daemon=True
            )
            teller.start()
            operations.watch(teller)
            stack.callback(teller.join)
        stack.callback(self._stopping.set)
        servers.start()
        stack.callback(servers.stop)
        grpc_server.start()
        stack.callback(grpc_server.stop)
        self.facts = {"pid": os.getpid(), "ports": self.ports, **urls, "users": users}
        self.facts["landlock"] = self.landlock
        self.facts["timezone"] = name_of(config.timezone)
        stack.callback(self._elsewhere, state_file.remove, path)
        try:
            self._elsewhere(state_file.write, path, self.facts)
        except OSError as error:
            _log.warning("other commands do not find this daemon by its store: %s", error)

    def _elsewhere(self, do: Callable[..., object], *arguments: object) -> None:
        """Do it where files beside the engine's can be reached."""
        if self._outside is None:
            do(*arguments)
        else:
            self._outside.state_files.submit(do, *arguments).result()

    def _receivers(self) -> list[Receiver]:
        return [
            self._command(receiver.address) if receiver.kind == "exec" else receiver
            for receiver in self.config.receivers
        ]

    def _command(self, address: str) -> Receiver:
        """Runs with the umask that `serve` was started with; this process keeps one of its own."""
        if self._outside is None:
            return Receiver("exec", address, self._umask)
        return OutsideReceiver("exec", address, self._umask, threads=self._outside.commands)

    def _urls(self) -> dict[str, str]:
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self.config.host, self.config.host)
        host = f"[{host}]" if ":" in host else host
        names = {
            "http_url": "clickhouse",
            "otlp_http": "otlp_http",
            "otlp_grpc": "otlp_grpc",
            "web": "web",
        }
        return {name: f"http://{host}:{self.ports[port]}" for name, port in names.items()}

    def _console(self, request: Request) -> str:
        """Where a browser that came to the SQL port finds the page's console."""
        name = request.url.hostname or "127.0.0.1"
        host = f"[{name}]" if ":" in name else name
        here = f"http://{host}:{self.ports['web']}"
        return f"{self.config.page_url.rstrip('/') or here}/sql"

    def _guard(self, app: ASGIApp, *, token: str | None, links: bool = False) -> ASGIApp:
        """Nothing for web pages elsewhere, though the page may be linked to; token where one is
        set; on loopback only local names, against DNS rebinding."""
        from starlette.middleware.trustedhost import TrustedHostMiddleware

        from otel_llmcost.serve.transport.access import SameOriginOnly, TokenRequired

        if token:
            app = TokenRequired(app, token)
        if self.config.is_local:
            app = TrustedHostMiddleware(app, allowed_hosts=self._names())
        return SameOriginOnly(app, links=links, page_url=self.config.page_url)

    def _names(self) -> list[str]:
        """Those that a request to this machine may have, the page's given one among them."""
        return [*_LOCAL_NAMES, *filter(None, [self.config.page_host])]

    def _change(self, disk_guard: DiskGuard, do: Callable[[Store], None]) -> None:
        """What people change on the page."""
        with disk_guard.writing():
            do(self._mine())

    def _query(self, sql: str, parameters: Mapping[str, Any] | None = None) -> Result:
        """Queries of the web page."""
        return self._mine().query(sql, parameters)

    def _mine(self) -> Store:
        """The store of this worker thread."""
        mine: Store | None = getattr(self._stores, "store", None)
        if mine is None:
            mine = self._stores.store = open_store(f"chdb://{self.config.store.absolute()}")
        return mine

    def _refresh(self, store: Store, disk_guard: DiskGuard, operations: Operations) -> None:
        look_at, levers_at, failed = 0.0, time.monotonic() + _LEVERS_S, ""
        while not self._stopping.wait(self.config.refresh_s):
            due = time.monotonic() >= look_at
            try:
                with disk_guard.writing():
                    if not self._is_prepared:
                        store.apply_schema()
                        self._is_prepared = True
                    store.refresh(days=due)
                    if time.monotonic() >= levers_at:
                        levers_at = time.monotonic() + _LEVERS_S
                        store.refresh_savings()
                operations.refreshed()
                failed = ""
            except Exception as error:  # noqa: BLE001 - the next pass may do what this one cannot
                why = readiness.explained(self.config.store.absolute(), error)
                operations.refresh_failed(why)
                if failed != str(why):
                    _log.warning("could not refresh the rollups, trying again: %s", why)
                failed = str(why)
            if due:
                look_at = time.monotonic() + self.config.detect_s
                self._look(store, disk_guard)

    def _look(self, store: Store, disk_guard: DiskGuard) -> None:
        try:
            with disk_guard.writing():
                look(
                    store,
                    floor_usd=self.config.anomaly_floor_usd,
                    strictness=self.config.anomaly_strictness,
                )
        except Exception as error:  # noqa: BLE001 - rollups must go on whatever detection meets
            _log.warning("could not look for anomalies, trying again: %s", error)

    def _notify(self, disk_guard: DiskGuard) -> None:
        from otel_llmcost.serve.watch import Watch

        store = open_store(f"chdb://{self.config.store.absolute()}")
        zone = self.config.timezone
        watch = Watch(
            store,
            self._receivers(),
            writing=disk_guard.writing,
            zone=zone,
            page_url=self.config.page_url,
        )
        while not self._stopping.wait(self.config.detect_s):
            try:
                watch.look()
            except Exception as error:  # noqa: BLE001 - the next notice must be sent, too
                _log.warning("could not look for notices, trying again: %s", error)
        store.close()


def _refuse_if_owned(path: Path) -> None:
    owner = find_owner(path)
    if owner is not None:
        raise StoreBusyError(
            f"process {owner.pid} already serves the store {path} at {owner.http_url}: "
            "stop it, or name another --store"
        )
