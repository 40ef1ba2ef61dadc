# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""A store made ready to serve, as far as its disk and its parts allow: what it holds is read, and
records are received, also while some of it cannot be brought up to date."""

from __future__ import annotations

import logging
from functools import partial
from pathlib import Path

from otel_llmcost import schema
from otel_llmcost.errors import SchemaError, StoreError
from otel_llmcost.ingest.disk_guard import REFUSE_BELOW, free_bytes
from otel_llmcost.store import Store, damage
from otel_llmcost.store.session import fetch, open_session

_log = logging.getLogger(__name__)


def prepare(store: Store, path: Path) -> bool:
    """Apply the schema and bring the rollups up to date. What cannot be done now is logged; False
    when the schema has to be applied again. Raises StoreError when the store lacks tables and they
    cannot be made, SchemaError when another version made it."""
    for part in set_aside(path):
        _log.warning("%s", part)
    try:
        free = free_bytes(path)
        if free < REFUSE_BELOW:
            raise StoreError(f"the disk is full: {free >> 20} MB free at {path}")
        store.apply_schema()
    except SchemaError:
        raise
    except StoreError as error:
        why = explained(path, error)
        if _lacks_objects(store):
            raise why from error
        _log.warning("serving the store as it is: %s", why)
        return False
    try:
        store.refresh()
    except StoreError as error:
        _log.warning("could not refresh the rollups, trying again: %s", explained(path, error))
    return True


def explained(path: Path, error: Exception) -> Exception:
    """The error, or a DamagedPart that names where it comes from and what to do about that."""
    session = open_session(path)
    try:
        return damage.named(partial(fetch, session), error)
    finally:
        session.close()


def set_aside(path: Path) -> list[str]:
    """Parts the engine could not load, a sentence each. Raises StoreError."""
    session = open_session(path)
    try:
        return damage.set_aside(partial(fetch, session))
    finally:
        session.close()


def _lacks_objects(store: Store) -> bool:
    present = {
        str(name)
        for (name,) in store.query(
            f"SELECT name FROM system.tables WHERE database IN {schema.DATABASES}"
        ).rows
    }
    return any(item.name not in present for item in schema.objects() if item.kind != "migration")
