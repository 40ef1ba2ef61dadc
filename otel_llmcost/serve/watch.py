# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Sends notices to receivers, each once, and goes on trying when one is down.

A notice is written to the table `notices` before it is sent, and marked after a receiver took it: a
crash in between sends it twice (`notice_id` says so), never not at all.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any

from otel_llmcost.detection.acks import STATES, acknowledge
from otel_llmcost.detection.detect import Store
from otel_llmcost.detection.notices import Notice, notices
from otel_llmcost.errors import LLMCostError
from otel_llmcost.reports.report import records
from otel_llmcost.serve.receivers import Receiver, ReceiverError

_log = logging.getLogger(__name__)
_FIRST_PAUSE, _LONGEST_PAUSE = 15, 3600
_MEMORY = timedelta(days=60)
_LONGEST_NOTE = 2_000
_COLUMNS = (
    *("receiver", "notice_id", "kind", "state", "payload"),
    *("attempts", "next_try_at", "noticed_at", "version"),
)
_KNOWN = """
    SELECT notice_id, kind, state, payload, attempts, next_try_at, noticed_at
    FROM llmcost.notices FINAL
    WHERE receiver = {receiver:String}
        AND (state = 'pending' OR noticed_at >= {since:DateTime('UTC')})
    ORDER BY noticed_at, notice_id
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Entry:
    notice_id: str
    kind: str
    state: str
    payload: str
    attempts: int
    next_try_at: datetime
    noticed_at: datetime


class Watch:
    """Looks into one store for several receivers. `look` is one pass, to be called every so often.

    `writing` is entered around every write to the store. Days and weeks are those of `zone`.
    `page_url` is where people reach the page; without, notices have no links. Raises StoreError
    when the store does not answer.
    """

    def __init__(
        self,
        store: Store,
        receivers: Sequence[Receiver],
        *,
        digests: bool = True,
        writing: Callable[[], AbstractContextManager[object]] = nullcontext,
        zone: tzinfo = UTC,
        page_url: str = "",
    ) -> None:
        self._store = store
        self._receivers = receivers
        self._digests = digests
        self._writing = writing
        self._zone = zone
        self._page_url = page_url

    def look(self, now: datetime | None = None) -> int:
        """Note what is new, send what is due; returns how many notices were taken."""
        moment = (now or datetime.now(UTC)).replace(microsecond=0)
        return sum(self._serve(receiver, moment) for receiver in self._receivers)

    def _serve(self, receiver: Receiver, now: datetime) -> int:
        known = self._known(receiver, now)
        sent = frozenset(entry.notice_id for entry in known)
        fresh = [
            _entry(notice, now)
            for notice in self._notices(now, sent)
            if notice.notice_id not in sent
            and (self._digests or not notice.kind.startswith("digest"))
        ]
        self._write(receiver, fresh)
        taken = 0
        for entry in [*known, *fresh]:
            if entry.state != "pending" or entry.next_try_at > now:
                continue
            after = self._try(receiver, entry, now)
            self._write(receiver, [after])
            if after.state == "pending":
                break  # it is down: the others wait for the next pass, in their order
            taken += 1
        return taken

    def _notices(self, now: datetime, sent: frozenset[str]) -> list[Notice]:
        return notices(self._store.query, now, sent, self._zone, page_url=self._page_url)

    def _known(self, receiver: Receiver, now: datetime) -> list[_Entry]:
        since = (now - _MEMORY).strftime("%Y-%m-%d %H:%M:%S")
        found = records(self._store.query(_KNOWN, {"receiver": receiver.key, "since": since}))
        return [_Entry(**row) for row in found]

    def _try(self, receiver: Receiver, entry: _Entry, now: datetime) -> _Entry:
        attempts = entry.attempts + 1
        notice = json.loads(entry.payload)
        try:
            answer = receiver.send(notice)
        except ReceiverError as error:
            pause = min(_FIRST_PAUSE * 2 ** min(attempts - 1, 10), _LONGEST_PAUSE)
            _log.warning("could not notify %s, again in %s s: %s", receiver.kind, pause, error)
            return replace(entry, attempts=attempts, next_try_at=now + timedelta(seconds=pause))
        self._acknowledge(receiver, notice, answer)
        return replace(entry, attempts=attempts, state="sent")

    def _acknowledge(
        self, receiver: Receiver, notice: Mapping[str, Any], answer: Mapping[str, Any]
    ) -> None:
        """Do what a webhook answered: it can only speak of the incident that it was sent."""
        state = answer.get("acknowledge")
        if state is None or not str(notice["kind"]).startswith("incident_"):
            return
        if state not in STATES:
            _log.warning("%s answered an unknown acknowledgement", receiver.name)
            return
        note = str(answer.get("note", ""))[:_LONGEST_NOTE]
        incident_id = notice["facts"]["incident_id"]
        try:
            with self._writing():
                acknowledge(
                    self._store, incident_id, state, by=receiver.name, note=note, origin="webhook"
                )
        except LLMCostError as error:  # the notice was taken, and is not sent again for this
            _log.warning("the answer of %s was not kept: %s", receiver.name, error)

    def _write(self, receiver: Receiver, entries: Sequence[_Entry]) -> None:
        if not entries:
            return
        rows = [
            [
                *(receiver.key, entry.notice_id, entry.kind, entry.state, entry.payload),
                *(entry.attempts, entry.next_try_at, entry.noticed_at, entry.attempts + 1),
            ]
            for entry in entries
        ]
        with self._writing():
            self._store.insert("notices", rows, _COLUMNS)


def _entry(notice: Notice, now: datetime) -> _Entry:
    payload = {
        "notice_id": notice.notice_id,
        "kind": notice.kind,
        "noticed_at": now.isoformat(),
        "title": notice.title,
        "text": notice.text,
        "facts": notice.facts,
    }
    return _Entry(
        notice_id=notice.notice_id,
        kind=notice.kind,
        state="pending",
        payload=json.dumps(payload, ensure_ascii=False),
        attempts=0,
        next_try_at=now,
        noticed_at=now,
    )
