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

import re
import threading
from collections import OrderedDict
from email.utils import parsedate_to_datetime
from hashlib import blake2b
from typing import Any

from otel_llmcost.guard import guard

_EARLIER_NS = 300 * 1_000_000_000
"""Clocks that are kept differ by less."""
_UNIQUE = re.compile(r"[0-9A-Za-z]{16}")
_MAX_REMEMBERED = 4096


class Replays:
    """The replies of this process so far, the newest 4,096."""

    def __init__(self) -> None:
        self._seen: OrderedDict[str, int] = OrderedDict()
        self._lock = threading.Lock()

    @guard("replays.again")
    def again(self, reply_id: object, content: object) -> bool:
        """Whether this very reply was handed out before; it is remembered if not."""
        if not _is_unique(reply_id):
            return False
        digest = hash(content)
        with self._lock:
            known = self._seen.get(str(reply_id))
            self._seen[str(reply_id)] = digest
            self._seen.move_to_end(str(reply_id))
            if len(self._seen) > _MAX_REMEMBERED:
                self._seen.popitem(last=False)
        return known == digest


@guard("replays.made_at")
def made_at(response: Any, requested: int) -> int | None:
    """When the provider answered, in ns, if that is well before the request; else None."""
    date = response.headers.get("date")
    if not date:
        return None
    try:
        made = int(parsedate_to_datetime(date).timestamp()) * 1_000_000_000
    except ValueError:  # no date
        return None
    return made if 0 < made < requested - _EARLIER_NS else None


def digest_of(reply_id: object, content: bytes | str) -> str | None:
    """What identifies a reply in every process; None when its id is one that others may have."""
    if not _is_unique(reply_id):
        return None
    data = content if isinstance(content, bytes) else content.encode("utf-8", "surrogatepass")
    return blake2b(data, digest_size=16).hexdigest()


def _is_unique(reply_id: object) -> bool:
    return isinstance(reply_id, str) and _UNIQUE.search(reply_id) is not None
