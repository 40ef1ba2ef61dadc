# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Replies that were handed out before: an HTTP cache or a cassette below the SDK answered.

The provider made and billed such a reply once. It has the id and the bytes of the first one; an id
alone says nothing, because relays answer with a constant one and Ollama's are 0 to 998.
"""

from __future__ import annotations

import re
import threading
from collections import OrderedDict

from otel_llmcost.guard import guard

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
        if not isinstance(reply_id, str) or _UNIQUE.search(reply_id) is None:
            return False
        digest = hash(content)
        with self._lock:
            known = self._seen.get(reply_id)
            self._seen[reply_id] = digest
            self._seen.move_to_end(reply_id)
            if len(self._seen) > _MAX_REMEMBERED:
                self._seen.popitem(last=False)
        return known == digest
