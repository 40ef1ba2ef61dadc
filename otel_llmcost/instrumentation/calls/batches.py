# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Batches: a record when one is submitted, and one per batch, model and price key for its results.

A download can be a hundred thousand replies, and can be repeated. Its records have ids and times
made from the batch, so that a second download adds nothing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from hashlib import blake2b
from typing import Any

from otel_llmcost import pricing, semconv
from otel_llmcost.guard import guard
from otel_llmcost.instrumentation.bodies.readers import Body, LinesBody, parse_object
from otel_llmcost.instrumentation.bodies.tee import Outcome, Tee
from otel_llmcost.instrumentation.calls import request_facts
from otel_llmcost.instrumentation.calls.call import Call, Reply
from otel_llmcost.instrumentation.calls.price_book import book
from otel_llmcost.instrumentation.records.accumulate import CostSum
from otel_llmcost.instrumentation.records.ids import RecordId
from otel_llmcost.instrumentation.records.recorder import Recorder
from otel_llmcost.providers import batch_line
from otel_llmcost.usage import Cost

_PATH = re.compile(r"(?:/v1)?(?:/messages)?/batches(?:/([^/]+))?(/results)?/?")
_FILE = re.compile(r"(?:/v1)?/files/([^/]+)/content/?")
_MAX_REMEMBERED = 1000

BATCHES = "/v1/batches"
"""Endpoint name of everything about batches."""


@dataclass(slots=True)
class _Batch:
    id: str
    ended: int | None
    """ns since the epoch; None until it ended"""


class Batches:
    """Follows the batches of one SDK."""

    def __init__(self, recorder: Recorder) -> None:
        self._recorder = recorder
        self._seen: dict[str, _Batch] = {}
        self._counted: set[str] = set()

    def concerns(self, options: Any) -> bool:
        """Whether a request is about batches or may download the results of one."""
        path = request_facts.path_of(options).partition("?")[0]
        return bool(_PATH.fullmatch(path) or _FILE.fullmatch(path))

    def reply(self, call: Call, options: Any, response: Any, content: bytes | None) -> None:
        """Take the reply to such a request."""
        path = request_facts.path_of(options).partition("?")[0]
        method = options.method.upper()
        if match := _FILE.fullmatch(path):
            if method == "GET":
                known = self._seen.get(match[1])
                self._download(call, known or _Batch(match[1], None), response, content)
        elif (match := _PATH.fullmatch(path)) and match[2]:
            if method == "GET":
                self._download(call, self._batch(match[1]), response, content)
        elif content is not None:
            batch = parse_object(content)
            self._remember(batch)
            if method == "POST" and match and match[1] is None and isinstance(batch.get("id"), str):
                self._recorder.finish_free(call, {semconv.BATCH_ID: batch["id"]})

    def _remember(self, batch: Mapping[str, Any]) -> None:
        batch_id = batch.get("id")
        if not isinstance(batch_id, str):
            return
        if len(self._seen) > _MAX_REMEMBERED:
            self._seen.clear()
        ended = batch.get("ended_at") or batch.get("completed_at") or batch.get("created_at")
        self._seen[batch_id] = known = _Batch(batch_id, nanoseconds(ended))
        if isinstance(file_id := batch.get("output_file_id"), str):
            self._seen[file_id] = known

    def _batch(self, batch_id: str) -> _Batch:
        return self._seen.get(batch_id) or _Batch(batch_id, None)

    def _download(self, call: Call, batch: _Batch, response: Any, content: bytes | None) -> None:
        # Results belong to the feature that submitted the batch, not to the one that fetches them.
        call.attributes = {
            **{k: v for k, v in call.attributes.items() if k not in call.allocation},
            semconv.OPERATION: "chat",
        }
        results = _Results(self, call, batch)
        body = LinesBody(results.line)
        if content is None:
            Tee(response, body, results)
        else:
            body.feed(content)
            body.end()
            results.finished(body, "complete", None)

    def finish(self, call: Call, batch: _Batch, key: tuple[Any, ...], total: CostSum) -> None:
        """Record the replies of one batch that share model and price."""
        digest = "batch-" + blake2b(repr((batch.id, key)).encode(), digest_size=16).hexdigest()
        reply = Reply(
            call=call,
            request={},
            started=batch.ended or call.started,
            ids=call.context,
            summary=True,
            adds_cost=digest not in self._counted,
            cost=total.cost(),
            extra={semconv.BATCH_ID: batch.id, semconv.REPLIES: total.replies},
            record=RecordId(digest, 0),
        )
        self._recorder.finish(reply)
        self._counted.add(digest)


@dataclass(slots=True)
class _Results:
    """Sums the lines of one download; listens to its tee."""

    batches: Batches
    call: Call
    batch: _Batch
    totals: dict[tuple[Any, ...], CostSum] = field(default_factory=dict[tuple[Any, ...], CostSum])

    @guard("batches.line")
    def line(self, line: Mapping[str, Any]) -> None:
        """Add one line of results."""
        if "custom_id" not in line:
            return  # some other file
        cost = self._price(line)
        if cost.status == "not_billed" or cost.usage is None:
            return
        usage = cost.usage
        key = (usage.model, usage.mode, cost.context, cost.geo_multiplier, cost.status, cost.reason)
        if self.batch.ended is None:
            self.batch.ended = _created(line)
        self.totals.setdefault(key, CostSum()).add(cost)

    def _price(self, line: Mapping[str, Any]) -> Cost:
        call = self.call
        read = batch_line(line)
        client = {
            "base_url": call.base_url,
            "billed_by": call.provider if call.known_host else None,
            "endpoint": read.endpoint if read else None,
            "batch": True,
        }
        at = datetime.fromtimestamp((self.batch.ended or call.started) / 1e9, UTC)
        return pricing.price_response(
            call.provider, request={"client": client}, response=line, at=at, book=book()
        )

    def first_chunk(self) -> None:
        """Nothing to record: the latency of a download says nothing."""

    def finished(self, body: Body, outcome: Outcome, error: BaseException | None) -> None:
        """Record the sums; a download that broke off is a lower bound until it is repeated."""
        for key, total in self.totals.items():
            total.partial = outcome if outcome != "complete" else None
            self.batches.finish(self.call, self.batch, key, total)


def _created(line: Mapping[str, Any]) -> int | None:
    read = batch_line(line)
    return nanoseconds(read.body.get("created") or read.body.get("created_at")) if read else None


def nanoseconds(moment: object) -> int | None:
    """A provider's time, ISO text or seconds since the epoch, in ns; None for anything else."""
    if isinstance(moment, str):
        try:
            moment = datetime.fromisoformat(moment).timestamp()
        except ValueError:
            return None
    if isinstance(moment, int | float) and moment > 0:
        return int(Decimal(str(moment)) * 1_000_000_000)
    return None
