# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Identity of records: a nonce per process and a sequence number, both made anew after a fork."""

from __future__ import annotations

import itertools
import os
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RecordId:
    """`id` is unique among all processes, `seq` counts 1, 2, 3 … within this one."""

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


def next_record_id() -> RecordId:
    """The identity of the next record of this process."""
    seq = next(_numbers)
    return RecordId(f"{_nonce}{seq:016x}", seq)
