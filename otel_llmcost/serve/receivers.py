# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Receivers of notices: a webhook, a Slack channel, or a command. Sending raises ReceiverError."""

from __future__ import annotations

import hashlib
import json
import re
import shlex
import subprocess
import urllib.request
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, Literal, cast
from urllib.parse import urlsplit

from otel_llmcost.errors import ConfigError, LLMCostError

_SECONDS = 15.0
_LONGEST_ANSWER = 65_536
_BREAK = "\u200b"


class ReceiverError(LLMCostError):
    """A receiver did not take a notice; it is tried again."""


@dataclass(frozen=True, slots=True)
class Receiver:
    """Where notices go. Raises ConfigError for an address that cannot be one."""

    kind: Literal["webhook", "slack", "exec"]
    address: str
    umask: int = -1
    """Of the command that is run; -1 is this process's."""

    def __post_init__(self) -> None:
        if self.kind == "exec":
            _arguments(self.address)
        elif urlsplit(self.address).scheme not in ("http", "https"):
            raise ConfigError(f"--{self.kind} needs an http:// or https:// address")

    @property
    def key(self) -> str:
        """Names it in the store, without the secret its address may hold."""
        return hashlib.sha256(f"{self.kind} {self.address}".encode()).hexdigest()[:16]

    @property
    def name(self) -> str:
        """Kind and host, for people."""
        host = "" if self.kind == "exec" else f" {urlsplit(self.address).hostname}"
        return f"{self.kind}{host}"

    def send(self, notice: Mapping[str, Any]) -> Mapping[str, Any]:
        """Hand over one notice; returns when it was taken, with what a webhook answered.

        That is a JSON object; empty when the answer is anything else.
        """
        if self.kind == "exec":
            _run(_arguments(self.address), json.dumps(notice), self.umask)
            return {}
        if self.kind == "slack":
            _post(self.address, json.dumps(_slack(notice)))
            return {}
        return _answer(_post(self.address, json.dumps(notice)))


@dataclass(frozen=True, slots=True)
class OutsideReceiver(Receiver):
    """One whose notices leave in a thread of their own, which may run what the daemon may not."""

    threads: ThreadPoolExecutor = field(kw_only=True)

    def send(self, notice: Mapping[str, Any]) -> Mapping[str, Any]:
        """Hand over one notice; returns when it was taken."""
        return self.threads.submit(Receiver.send, self, notice).result()


def _arguments(command: str) -> list[str]:
    try:
        arguments = shlex.split(command)
    except ValueError as error:
        raise ConfigError(f"cannot read --exec {command!r}: {error}") from None
    if not arguments:
        raise ConfigError("--exec needs a command")
    return arguments


def _run(arguments: list[str], text: str, umask: int) -> None:
    """No shell: whatever a feature is called, it only ever arrives on stdin."""
    try:
        done = subprocess.run(
            arguments,
            input=text.encode(),
            capture_output=True,
            timeout=_SECONDS,
            check=False,
            umask=umask,
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise ReceiverError(f"{arguments[0]}: {error}") from error
    if done.returncode:
        raise ReceiverError(f"{arguments[0]} ended with exit code {done.returncode}")


def _post(url: str, body: str) -> bytes:
    """Send it; the beginning of the answer, which is empty when another address gave it."""
    request = urllib.request.Request(
        url, body.encode(), {"Content-Type": "application/json"}, method="POST"
    )
    try:
        with urllib.request.urlopen(request, timeout=_SECONDS) as reply:
            return reply.read(_LONGEST_ANSWER) if reply.geturl() == url else b""
    except (OSError, ValueError) as error:  # the URL may be a secret: only its host is logged
        raise ReceiverError(f"{urlsplit(url).hostname}: {error}") from error


def _answer(body: bytes) -> Mapping[str, Any]:
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return cast("dict[str, Any]", answer) if isinstance(answer, dict) else {}


def _slack(notice: Mapping[str, Any]) -> dict[str, Any]:
    """A message in which only our own links are links, and no name mentions or formats."""
    links = cast("dict[str, str]", notice["facts"].get("links", {}))
    title, text = (_plain_in_slack(str(notice[name]), links.values()) for name in ("title", "text"))
    return {"text": f"*{title}*\n{text}", "unfurl_links": False, "unfurl_media": False}


def _plain_in_slack(text: str, links: Iterable[str]) -> str:
    """Text that Slack shows as it is. An invisible space keeps marks and addresses from working."""
    kept = sorted(map(_escaped, links), key=len, reverse=True)
    parts = re.split("|".join([*(f"({re.escape(link)})" for link in kept), "(?!)"]), _escaped(text))
    return "".join(
        part if part in kept else re.sub(r"([*~`]|\b_|_\b|://|www\.|@)", f"\\1{_BREAK}", part)
        for part in parts
        if part
    )


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
