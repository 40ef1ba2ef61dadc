# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""From a URL to an open store, or to one line that says what to do instead."""

from __future__ import annotations

import errno
import importlib.util
import logging
import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import SplitResult, unquote, urlsplit

from otel_llmcost.errors import ConfigError, MissingExtraError, StoreBusyError, StoreError
from otel_llmcost.store import location, privacy, rights
from otel_llmcost.store.error_message import error_message
from otel_llmcost.store.owner import Owner, find_owner, locking_pid

if TYPE_CHECKING:
    from otel_llmcost.store.store import Client, Store

_FORMS = "use chdb:///PATH, or http(s)://USER:PASSWORD@HOST:8123/llmcost"
# The driver also logs what it raises, to stderr when the application configured no logging.
logging.getLogger("clickhouse_connect").addHandler(logging.NullHandler())
_LOGIN_REFUSED = (192, 193, 194, 516)
_SETTINGS = {
    "session_timezone": "UTC",
    # Named although they are defaults: de-duplication of retried inserts must not depend on a
    # profile.
    "deduplicate_insert": "enable",
    "deduplicate_blocks_in_dependent_materialized_views": 1,
    "async_insert": 0,
    # Wrong clocks spread records over any number of days; that must not stop an insert.
    "max_partitions_per_insert_block": 0,
}


def open_store(url: str | None = None) -> Store:
    """Open `chdb:///abs/path`, `chdb://memory`, or `http(s)://user:password@host:port/llmcost`.

    Without a URL it is the store that the commands use: `$LLMCOST_STORE`, else the user's own,
    which must exist.
    An embedded store that a running `otel-llmcost serve` owns is opened through that process.
    Nothing is created but the directory of an embedded store; call `apply_schema()` on a new one.
    `query` reads with the rights of a reader, other methods write with those of the URL's user.

    Raises MissingExtraError (packages), ConfigError (the URL), StoreBusyError (another process owns
    the store and cannot be reached) and StoreError (anything else that keeps it from opening).
    """
    if url is None:
        url = location.store_url(None)
        location.check_exists(url)
    parts = _parsed(url)
    if parts.scheme == "chdb":
        return _open_embedded(parts)
    return _open_http(parts)


def _parsed(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError as error:
        raise ConfigError(f"cannot read the store URL ({error}): {_FORMS}") from error
    if parts.scheme not in ("chdb", "http", "https"):
        raise ConfigError(f"unknown kind of store {parts.scheme or url!r}: {_FORMS}")
    if parts.scheme != "chdb" and not parts.hostname:
        raise ConfigError(f"the store URL names no host: {_FORMS}")
    if parts.scheme == "chdb" and parts.netloc not in ("", "memory", ":memory:"):
        raise ConfigError(f"chdb://{parts.netloc} is no absolute path: {_FORMS}")
    if parts.scheme == "chdb" and not parts.netloc and parts.path in ("", "/"):
        raise ConfigError(f"the store URL names no path: {_FORMS}")
    return parts


def _open_embedded(parts: SplitResult) -> Store:
    if parts.netloc:
        return _connect_embedded("chdb://memory", ":memory:")
    path = Path(unquote(parts.path))
    owner = find_owner(path)
    if owner is not None:
        return _open_owned(path, owner)
    _require("chdb", "embedded", "an embedded store")
    pid = locking_pid(path)
    if pid is not None:
        raise StoreBusyError(
            f"{f'process {pid}' if pid else 'another process'} has the store {path} open: "
            "stop it, or name another store"
        )
    make_directory(path)
    try:
        return _connect_embedded(f"chdb://{path}", str(path))
    except StoreError as error:
        raise _embedded_error(path, error) from error


def make_directory(path: Path) -> None:
    """Make the directory of an embedded store. Raises StoreError where it cannot be used."""
    try:
        privacy.make_directory(path)
        # Checked before opening: the engine would print its own message to stderr first.
        if not os.access(path, os.W_OK | os.X_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
    except OSError as error:
        why = error.strerror or error
        raise StoreError(
            f"cannot keep a store at {path} ({why}): name another directory"
        ) from error


def _open_owned(path: Path, owner: Owner) -> Store:
    try:
        return _open_http(_parsed(owner.url("reader")), writer=_parsed(owner.url("admin")))
    except StoreError as error:
        raise StoreBusyError(
            f"process {owner.pid} owns the store {path} but does not answer at {owner.http_url}: "
            "wait for it, stop it, or name another store"
        ) from error


def _connect_embedded(url: str, path: str) -> Store:
    options = {"config-file": rights.config_file()}

    def connect() -> Client:
        return _connect(interface="chdb", path=path, chdb_options=options)

    def reader() -> Client:
        client = connect()
        client.command(rights.drop_to("reader"))
        return client

    return _store(url, reader, connect)


def _open_http(parts: SplitResult, writer: SplitResult | None = None) -> Store:
    secure = parts.scheme == "https"
    address = f"{parts.scheme}://{parts.hostname}:{parts.port or (8443 if secure else 8123)}"

    def connect(login: SplitResult) -> Client:
        return _connect(
            interface=parts.scheme,
            host=parts.hostname,
            port=parts.port or (8443 if secure else 8123),
            username=unquote(login.username) if login.username else None,
            password=unquote(login.password or ""),
            # One session would make concurrent statements of one Store refuse each other.
            autogenerate_session_id=False,
        )

    def reader() -> Client:
        client: Any = connect(parts)
        if not client.server_settings["readonly"].readonly:
            client.set_client_setting("readonly", 2)
        return client

    try:
        return _store(f"{address}/llmcost", reader, lambda: connect(writer or parts))
    except StoreError as error:
        if error.code in _LOGIN_REFUSED:
            user = unquote(parts.username or "default")
            why = f"{address} refuses the user {user}: check user and password of the URL"
            raise StoreError(why, code=error.code) from error
        raise StoreError(
            f"no ClickHouse answers at {address} ({_short(error)}): check host and port, "
            "or start `otel-llmcost serve`",
            code=error.code,
        ) from error


def _store(url: str, reader: Callable[[], Client], writer: Callable[[], Client]) -> Store:
    _require("clickhouse_connect", "clickhouse", "a store")
    from clickhouse_connect.driver.exceptions import ClickHouseError

    from otel_llmcost.store.store import Store

    def open_writer() -> Client:
        try:
            return writer()
        except (ClickHouseError, RuntimeError) as error:
            raise StoreError(error_message(error), code=getattr(error, "code", None)) from error

    try:
        store = Store(reader(), open_writer, url)
        store.enter_database()
    except (ClickHouseError, RuntimeError) as error:
        raise StoreError(error_message(error), code=getattr(error, "code", None)) from error
    return store


def _connect(**arguments: Any) -> Client:
    import clickhouse_connect

    client: Any = clickhouse_connect.get_client(  # pyright: ignore[reportUnknownMemberType] - untyped kwargs
        **arguments
    )
    for name, value in _SETTINGS.items():
        # A reader may not change settings, and needs none of these.
        if not client.server_settings[name].readonly:
            client.set_client_setting(name, value)
    return client


def _embedded_error(path: Path, error: StoreError) -> StoreError:
    if "already initialized with path" in str(error):
        return StoreError(
            "this process has another embedded store open, and can have one only: "
            f"close it to open {path}"
        )
    return StoreError(f"cannot open the store {path}: {_short(error)}", code=error.code)


def _short(error: Exception) -> str:
    text = " ".join(str(error).split())
    return text if len(text) <= 160 else text[:157] + "..."


def _require(module: str, extra: str, feature: str) -> None:
    if importlib.util.find_spec(module) is None:
        raise MissingExtraError(extra, feature)
