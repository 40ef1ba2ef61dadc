# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""A store as a directory of files: a manifest, and rows in ClickHouse's Native format, compressed.

`INSERT … FORMAT Native` on any ClickHouse reads one file. A directory without a manifest is a
backup that did not finish.
"""

from __future__ import annotations

import gzip
import json
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO

from otel_llmcost import schema
from otel_llmcost.errors import ConfigError, StoreError
from otel_llmcost.store.store import Store
from otel_llmcost.store.transfer import Partition, StoreSource, receive

MANIFEST = "manifest.json"
_FORMAT = 2
_OLD_FORMAT = 1
"""Written by a version before 0.1.0, whose tables had other names."""
_TABLES_RENAMED = {"llm_cost_1h": "hourly_spend__rows"}
_COLUMNS_RENAMED = {"llm_cost_1h": {"rebuilt_at": "built_at"}}


def save(store: Store, directory: Path) -> Iterator[Partition]:
    """Write a backup; yields each partition that is in it. The directory must be new or empty.

    Raises ConfigError for a directory with files in it, StoreError where it cannot be written.
    """
    if directory.exists() and (not directory.is_dir() or any(directory.iterdir())):
        raise ConfigError(f"{directory} is not empty: name a new directory for the backup")
    began = datetime.now(UTC)
    source = StoreSource(store)
    listed: list[dict[str, Any]] = []
    try:
        directory.mkdir(parents=True, exist_ok=True)
        directory.chmod(0o700)
        for partition in source.partitions():
            files = list(_write(directory, source, partition))
            listed.append({**partition._asdict(), "files": files})
            yield partition
        manifest = {
            "format": _FORMAT,
            "began": began.isoformat(),
            "migrations": [item.name for item in schema.migrations()],
            "partitions": listed,
        }
        partial = directory / f"{MANIFEST}.partial"
        with _create(partial) as file:
            file.write(json.dumps(manifest, indent=1).encode())
        partial.replace(directory / MANIFEST)
    except OSError as error:
        why = error.strerror or error
        raise StoreError(f"cannot write the backup {directory} ({why})") from error


def restore(store: Store, directory: Path) -> Iterator[Partition]:
    """Bring back a backup; what the store holds already stays and is not added again.

    Raises ConfigError for a directory without a whole backup, or with a newer version's.
    """
    yield from receive(store, BackupSource(directory))


class BackupSource:
    """The rows of a backup."""

    def __init__(self, directory: Path) -> None:
        try:
            manifest = json.loads((directory / MANIFEST).read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise ConfigError(f"{directory} holds no finished backup") from error
        known = {item.name for item in schema.migrations()}
        if manifest["format"] > _FORMAT or not known.issuperset(manifest.get("migrations", ())):
            raise ConfigError(f"{directory} was made by a newer otel-llmcost: upgrade this one")
        self._directory = directory
        self._is_old = manifest["format"] == _OLD_FORMAT
        self._files = {self._partition(p): p["files"] for p in manifest["partitions"]}

    def partitions(self) -> Iterator[Partition]:
        """In the order they have to be copied."""
        yield from self._files

    def pieces(self, partition: Partition) -> Iterator[bytes]:
        """The rows of one, in ClickHouse's Native format."""
        for name in self._files[partition]:
            try:
                yield gzip.decompress((self._directory / name).read_bytes())
            except (OSError, EOFError) as error:
                raise StoreError(f"cannot read {self._directory / name} ({error})") from error

    def left_out(self, partition: Partition) -> str:
        """The old rows that said that an hour was built, and had no names."""
        is_rollup = partition.table in _TABLES_RENAMED.values()
        return "calls = 0" if self._is_old and is_rollup else ""

    def _partition(self, entry: dict[str, Any]) -> Partition:
        table, columns = str(entry["table"]), [str(name) for name in entry["columns"]]
        if self._is_old:
            renamed = _COLUMNS_RENAMED.get(table, {})
            columns = [renamed.get(name, name) for name in columns]
            table = _TABLES_RENAMED.get(table, table)
        return Partition(table, tuple(columns), str(entry["id"]))


def _write(directory: Path, source: StoreSource, partition: Partition) -> Iterator[str]:
    for number, rows in enumerate(source.pieces(partition)):
        name = f"{partition.table}-{partition.id}-{number}.native.gz"
        with _create(directory / name) as file:
            file.write(gzip.compress(rows, compresslevel=1))
            file.flush()
            os.fsync(file.fileno())
        yield name


def _create(path: Path) -> BinaryIO:
    """A new file for this user only."""
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb")
