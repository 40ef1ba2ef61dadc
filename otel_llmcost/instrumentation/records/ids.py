# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Identity of records: a nonce per process and a sequence number, both made anew after a fork."""

from __future__ import annotations

import itertools
import os
from typing import NamedTuple


class RecordId(NamedTuple):
    """`id` is unique among all processes, `seq` counts 1, 2, 3 … within this one.

    A record that any process would send again just the same, as of a batch's results, has `seq` 0
    and an id of another form: it is no part of the sequence in whose gaps losses are seen.
    """

    id: str
    seq: int


def _renew() -> None:
    global _nonce, _numbers
    _nonce = os.urandom(8).hex()
    _numbers = itertools.count(1)


_nonce = ""
_numbers = itertools.count(1)
_renew()
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_renew)


def nonce() -> str:
    """What the ids of this process's records start with."""
    return _nonce


def next_record_id() -> RecordId:
    """The identity of the next record of this process."""
    seq = next(_numbers)
    return RecordId(f"{_nonce}{seq:016x}", seq)
