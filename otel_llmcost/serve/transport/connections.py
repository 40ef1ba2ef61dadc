# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""What uvicorn leaves open about a connection: how long its head may take, and how it ends."""

from __future__ import annotations

import asyncio

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

HEAD_S = 10.0
"""Seconds within which the head of a request must have arrived."""
MAX_HEAD = 1 << 20
"""Bytes of a head: an INSERT may stand in its URL. ClickHouse has the same bound."""
MAX_CONNECTIONS = 256
"""On each port. Beyond it, the connection that waits longest without a request is closed."""
_LINGER_S = 10.0
READ_S = 30.0
"""Seconds within which a client must have read some of an answer that waits for it."""
_CLOSE = (b"connection", b"close")


class Connection(HttpToolsProtocol):
    """One HTTP connection: its head has a deadline and a size, and its answers can be read.

    A request that is answered before all of it has arrived is read on for a while: if the
    connection were closed at once, it would be reset, and the sender would not see why.
    """

    transport: asyncio.Transport
    is_idle = True
    """No request is under way, or its head is not whole."""
    _timer: asyncio.TimerHandle | None = None
    _in_head = True
    _head = 0
    _closes = False
    _refused = False
    _unread = 0
    _reader: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:
        """A client has connected."""
        super().connection_made(transport)
        self.since = self.loop.time()
        self._close_after(HEAD_S)
        if len(self.connections) > MAX_CONNECTIONS:
            others = (one for one in self.connections if isinstance(one, Connection))
            waiting = [one for one in others if one.is_idle]
            min(waiting, key=lambda one: one.since).transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection is closed."""
        self._close_after(None)
        self._watch_reader(None)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Some bytes of a request, or of several."""
        if self._refused:
            return
        self._head += len(data)
        super().data_received(data)
        if self._in_head and self._head > MAX_HEAD and not self._refused:
            self._refuse(b"431 Request Header Fields Too Large", b"the head is too large\n")

    def send_400_response(self, msg: str) -> None:
        """The request cannot be read."""
        self._refuse(b"400 Bad Request", msg.encode())

    def on_message_begin(self) -> None:
        """A request begins."""
        super().on_message_begin()
        if not self._in_head:
            self._in_head, self._head = True, 0
            self._close_after(HEAD_S)

    def on_headers_complete(self) -> None:
        """The request's head has arrived."""
        self._in_head = False
        self._close_after(None)
        self.is_idle = False
        super().on_headers_complete()
        # uvicorn would close as soon as it has answered; here on_response_complete decides.
        # Older ones look for the request's header only then, so it is taken out.
        self._closes = not self.cycle.keep_alive or _CLOSE in self.headers
        self.cycle.keep_alive = True
        self.headers[:] = [one for one in self.headers if one != _CLOSE]

    def on_response_complete(self) -> None:
        """The request is answered."""
        super().on_response_complete()
        if self.transport.get_write_buffer_size():
            self._watch_reader(READ_S)
        if self.cycle.response_complete:  # else the next one, which was waiting, has begun
            self.is_idle = True
            self.since = self.loop.time()
            if self.cycle.more_body:
                self._close_after(_LINGER_S)
            elif self._closes:
                self.transport.close()

    def on_message_complete(self) -> None:
        """All of it has arrived."""
        was_answered = self.cycle.response_complete
        super().on_message_complete()
        if was_answered:
            self.cycle.more_body = False
            self._close_after(0 if self._closes else self.timeout_keep_alive)

    def pause_writing(self) -> None:
        """The client reads more slowly than it is answered."""
        super().pause_writing()
        self._watch_reader(READ_S)

    def _watch_reader(self, seconds: float | None) -> None:
        if self._reader is not None:
            self._reader.cancel()
        self._unread = self.transport.get_write_buffer_size()
        self._reader = None if seconds is None else self.loop.call_later(seconds, self._look_again)

    def _look_again(self) -> None:
        """Nothing is added to an answer while its client does not read: what waits gets less, or
        the client is gone without having said so."""
        waits = self.transport.get_write_buffer_size()
        if waits and waits >= self._unread:
            self.transport.abort()
        else:
            self._watch_reader(READ_S if waits else None)

    def _close_after(self, seconds: float | None) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = None if seconds is None else self.loop.call_later(seconds, self._late)

    def _late(self) -> None:
        if self._in_head and self._head and not self._refused:
            self._refuse(b"408 Request Timeout", b"the head took too long\n")
        self.transport.close()

    def _refuse(self, status: bytes, why: bytes) -> None:
        length = str(len(why)).encode()
        self.transport.write(
            b"HTTP/1.1 " + status + b"\r\ncontent-type: text/plain\r\ncontent-length: " + length
        )
        self.transport.write(b"\r\nconnection: close\r\n\r\n" + why)
        self.transport.write_eof()
        self._refused = True
        self._close_after(_LINGER_S)
