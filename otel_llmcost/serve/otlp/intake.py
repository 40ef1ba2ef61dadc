# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""The way of an OTLP body from either receiver to the ingestor, within the budget of bodies."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from typing import Literal

from otel_llmcost.ingest import Body, Busy, Ingestor, Signal
from otel_llmcost.ingest.decoded_size import TooManyMessages, decoded_bytes
from otel_llmcost.serve.transport.bodies import Budget, Held
from otel_llmcost.serve.transport.encodings import TooLarge, unpack

MAX_BODY = 32 << 20
_SMALL = 256 << 10


class Intake:
    """Unpacks and decodes on few threads: decoding holds the interpreter's lock, so more threads
    would only hold more memory. Small bodies do not wait for large ones."""

    def __init__(self, ingestor: Ingestor, budget: Budget | None = None) -> None:
        self.budget = budget or Budget()
        self._ingestor = ingestor
        self._small = ThreadPoolExecutor(2, "llmcost-decode")
        self._large = ThreadPoolExecutor(1, "llmcost-decode-large")

    def check_queue(self, signal: Signal, size: int) -> None:
        """Raises Busy while so many bytes more cannot be queued: best before they are read."""
        try:
            self._ingestor.check_queue(size)
        except Busy:
            self._ingestor.stats.add("bodies_refused", signal)
            raise

    def submit(
        self,
        held: Held,
        signal: Signal,
        packed: bytes,
        encoding: Literal["protobuf", "json"] = "protobuf",
        packing: str = "",
    ) -> Future[Future[Body]]:
        """Take a body, of which the bytes are held already; the inner future is the ingestor's.

        Raises, in the outer future: TooLarge, BadEncoding, Busy, MalformedBody.
        """
        done: Future[Future[Body]] = Future()
        try:
            self.check_queue(signal, len(packed))
        except Busy as error:
            done.set_exception(error)
            return done

        def decode(body: bytes) -> None:
            with _Into(done):
                try:
                    size = decoded_bytes(signal, body, encoding)
                except TooManyMessages as error:
                    raise TooLarge(str(error)) from error
                held.take(size)
                try:
                    done.set_result(self._ingestor.submit(signal, body, encoding))
                finally:
                    held.give_back(size)

        def unpack_first() -> None:
            with _Into(done):
                body = unpack(packed, packing, MAX_BODY, held.take)
                held.keep(len(packed) + len(body))
                if len(body) <= _SMALL:
                    decode(body)
                else:
                    self._large.submit(decode, body)

        (self._small if len(packed) <= _SMALL else self._large).submit(unpack_first)
        return done

    def close(self) -> None:
        """Wait for what is being decoded."""
        self._small.shutdown()
        self._large.shutdown()


class _Into:
    """Puts what is raised inside of a `with` into a future."""

    def __init__(self, done: Future[Future[Body]]) -> None:
        self._done = done

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> bool:
        if error is not None and not self._done.done():
            self._done.set_exception(error)
        return error is not None
