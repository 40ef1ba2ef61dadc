# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""A headless Chromium, driven over its DevTools protocol; and a server to point it at."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import time
import urllib.request
from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from itertools import count
from pathlib import Path
from types import TracebackType
from typing import Any

from starlette.types import ASGIApp
from websockets.sync.client import ClientConnection, connect

from otel_llmcost.serve.transport.listeners import WebServers, listen

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "google-chrome", "chrome"))), None)
_PATIENCE = 30.0

# What Chromium answers to an expression that meets a navigation.
_PAGE_IS_LEFT = (
    "Inspected target navigated or closed",
    "Execution context was destroyed",
    "Cannot find context with specified id",
)


class ProtocolError(AssertionError):
    """Chromium refused a command."""


class Browser:
    """One tab. `problems` holds what the console, the policy and the scripts reported."""

    def __init__(self, profile: Path, *options: str, width: int = 1280, height: int = 900) -> None:
        assert CHROMIUM, "no Chromium: apt-get install chromium"
        flags = ["--headless=new", "--no-sandbox", "--disable-gpu", "--remote-debugging-port=0"]
        flags += [f"--user-data-dir={profile}", f"--window-size={width},{height}", "--mute-audio"]
        self._process = subprocess.Popen(
            [CHROMIUM, *flags, *options, "about:blank"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self._numbers = count(1)
        self.problems: list[str] = []
        with ExitStack() as stack:
            stack.callback(self._end)
            self._socket: ClientConnection = stack.enter_context(
                connect(self._tab(profile), max_size=None)
            )
            self._stack = stack.pop_all()
        for domain in ("Page", "Runtime", "Log"):
            self.command(f"{domain}.enable")

    def _tab(self, profile: Path) -> str:
        note, until = profile / "DevToolsActivePort", time.monotonic() + _PATIENCE
        while not (note.exists() and note.read_text().count("\n")):
            assert time.monotonic() < until, "Chromium did not start"
            time.sleep(0.05)
        port = note.read_text().split("\n")[0]
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/json/list") as reply:
            tabs = json.load(reply)
        return next(tab["webSocketDebuggerUrl"] for tab in tabs if tab["type"] == "page")

    def command(self, method: str, **parameters: Any) -> dict[str, Any]:
        """One command of the protocol, and its answer."""
        number = next(self._numbers)
        self._socket.send(json.dumps({"id": number, "method": method, "params": parameters}))
        while True:
            message = json.loads(self._socket.recv(timeout=_PATIENCE))
            self._hear(message)
            if message.get("id") == number:
                if error := message.get("error"):
                    raise ProtocolError(error["message"])
                return message["result"]

    def _hear(self, message: dict[str, Any]) -> None:
        about = message.get("params", {})
        match message.get("method"):
            case "Log.entryAdded" if about["entry"]["level"] == "error":
                self.problems.append(about["entry"]["text"])
            case "Runtime.exceptionThrown":
                self.problems.append(json.dumps(about["exceptionDetails"]))
            case "Runtime.consoleAPICalled" if about["type"] in ("error", "warning"):
                self.problems.append(json.dumps(about["args"]))
            case _:
                return

    def go(self, url: str) -> None:
        """Open a page; returns when it and its scripts have run."""
        self.command("Page.navigate", url=url)
        self.wait_for(f"location.href === {json.dumps(url)} && document.readyState === 'complete'")

    def run(self, code: str) -> Any:
        """The value of some JavaScript; promises are waited for."""
        done = self.command(
            "Runtime.evaluate", expression=code, returnByValue=True, awaitPromise=True
        )
        assert "exceptionDetails" not in done, done
        return done["result"].get("value")

    def wait_for(self, condition: str) -> None:
        """Until some JavaScript is true."""
        until = time.monotonic() + _PATIENCE
        while not self._holds(condition):
            assert time.monotonic() < until, condition
            time.sleep(0.02)

    def _holds(self, condition: str) -> bool:
        """Whether it is true now. On a page that is being left, nothing is."""
        try:
            return bool(self.run(condition))
        except ProtocolError as problem:
            if not any(part in str(problem) for part in _PAGE_IS_LEFT):
                raise
            return False

    def press(self, key: str) -> None:
        """One key, with what it does."""
        codes = {"Tab": 9, "Enter": 13, "ArrowUp": 38, "ArrowDown": 40}
        for kind in ("keyDown", "keyUp"):
            text = {"text": "\r"} if key == "Enter" and kind == "keyDown" else {}
            self.command(
                "Input.dispatchKeyEvent",
                type=kind,
                key=key,
                code=key,
                windowsVirtualKeyCode=codes[key],
                **text,
            )

    def drag(self, begin: tuple[float, float], end: tuple[float, float]) -> None:
        """The mouse, held from one point of the window to another; a click where they are one."""
        middle = tuple((a + b) / 2 for a, b in zip(begin, end, strict=True))
        held = ["mousePressed", "mouseMoved", "mouseMoved", "mouseReleased"]
        self.command("Input.dispatchMouseEvent", type="mouseMoved", x=begin[0], y=begin[1])
        for kind, (x, y) in zip(held, (begin, middle, end, end), strict=True):
            self.command(
                "Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", buttons=1,
                clickCount=1,
            )  # fmt: skip

    def close(self) -> None:
        """End the process this object started."""
        self._stack.close()

    def _end(self) -> None:
        self._process.terminate()
        self._process.wait()

    def __enter__(self) -> Browser:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()


@contextmanager
def served(app: ASGIApp) -> Generator[str]:
    """The app on a port of its own; gives its address."""
    bound: socket.socket = listen("127.0.0.1", 0, "--web-port")
    port = bound.getsockname()[1]
    servers = WebServers([(app, bound)])
    servers.start()
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        servers.stop()
