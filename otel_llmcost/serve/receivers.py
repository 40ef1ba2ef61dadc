# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Receivers of notices: a webhook, a Slack channel, or a command. Sending raises ReceiverError."""

from __future__ import annotations

import hashlib
import json
import shlex
import subprocess
import urllib.request
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import urlsplit

from otel_llmcost.errors import ConfigError, LLMCostError

_SECONDS = 15.0


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

    def send(self, notice: Mapping[str, Any]) -> None:
        """Hand over one notice; returns when it was taken."""
        if self.kind == "exec":
            _run(_arguments(self.address), json.dumps(notice), self.umask)
        else:
            body = {"text": _slack_text(notice)} if self.kind == "slack" else notice
            _post(self.address, json.dumps(body))


@dataclass(frozen=True, slots=True)
class OutsideReceiver(Receiver):
    """One whose notices leave in a thread of their own, which may run what the daemon may not."""

    threads: ThreadPoolExecutor = field(kw_only=True)

    def send(self, notice: Mapping[str, Any]) -> None:
        """Hand over one notice; returns when it was taken."""
        self.threads.submit(Receiver.send, self, notice).result()


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


def _post(url: str, body: str) -> None:
    request = urllib.request.Request(
        url, body.encode(), {"Content-Type": "application/json"}, method="POST"
    )
    try:
        with urllib.request.urlopen(request, timeout=_SECONDS):
            return
    except (OSError, ValueError) as error:  # the URL may be a secret: only its host is logged
        raise ReceiverError(f"{urlsplit(url).hostname}: {error}") from error


def _slack_text(notice: Mapping[str, Any]) -> str:
    title, text = (
        str(notice[name]).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
        for name in ("title", "text")
    )
    return f"*{title}*\n{text}"
