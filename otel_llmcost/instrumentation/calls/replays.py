# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Replies that were handed out before: an HTTP cache or a cassette below the SDK answered.

The provider made and billed such a reply once. It has the id and the bytes of the first one; an id
alone says nothing, because relays answer with a constant one and Ollama's are 0 to 998.

Another process may have seen the first one. A reply whose `Date` is well before its request was
made earlier: its record gets an id and a time made from the reply, so a store keeps one of all
processes that it was handed out to.
"""

from __future__ import annotations

import functools
import re
import threading
from collections import OrderedDict
from email.utils import parsedate_to_datetime
from hashlib import blake2b

from otel_llmcost.guard import guard

_EARLIER_NS = 300 * 1_000_000_000
"""Clocks that are kept differ by less."""
_UNIQUE = re.compile(r"[0-9A-Za-z]{16}")
_MAX_REMEMBERED = 4096


class Replays:
    """The replies of this process so far, the newest 4,096."""

    def __init__(self) -> None:
        self._seen: OrderedDict[int, None] = OrderedDict()
        self._lock = threading.Lock()

    @guard("replays.again")
    def again(self, reply_id: object, content: object) -> bool:
        """Whether this very reply was handed out before; it is remembered if not."""
        return is_unique(reply_id) and self.seen(content)

    def seen(self, content: object) -> bool:
        """Whether a reply had these bytes before; whether it is the same one, its id says."""
        digest = hash(content)
        with self._lock:
            known = digest in self._seen
            self._seen[digest] = None
            self._seen.move_to_end(digest)
            if len(self._seen) > _MAX_REMEMBERED:
                self._seen.popitem(last=False)
        return known


@guard("replays.made_at")
def made_at(date: str | None, requested: int) -> int | None:
    """When the provider answered, in ns, if that is well before the request; else None.

    `date` is the header of that name.
    """
    if not date:
        return None
    made = _nanoseconds(date)
    return made if 0 < made < requested - _EARLIER_NS else None


@functools.lru_cache(8)  # many replies come in one second
def _nanoseconds(date: str) -> int:
    try:
        return int(parsedate_to_datetime(date).timestamp()) * 1_000_000_000
    except ValueError:  # no date
        return 0


def digest_of(reply_id: object, content: bytes | str) -> str | None:
    """What identifies a reply in every process; None when its id is one that others may have."""
    if not is_unique(reply_id):
        return None
    data = content if isinstance(content, bytes) else content.encode("utf-8", "surrogatepass")
    return blake2b(data, digest_size=16).hexdigest()


def is_unique(reply_id: object) -> bool:
    """Whether no other reply has such an id."""
    return isinstance(reply_id, str) and _UNIQUE.search(reply_id) is not None
