# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""The options of `otel-llmcost serve`."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from datetime import UTC, tzinfo
from pathlib import Path
from urllib.parse import urlsplit

from otel_llmcost.errors import ConfigError
from otel_llmcost.serve.receivers import Receiver


@dataclass(frozen=True, slots=True, kw_only=True)
class ServeConfig:
    """Where the daemon keeps its store and where it listens. Raises ConfigError when unsafe."""

    store: Path
    """Directory of the embedded store; made when missing."""
    host: str = "127.0.0.1"
    """Address to listen on. Any other than loopback requires `token`."""
    otlp_grpc_port: int = 4317
    otlp_http_port: int = 4318
    clickhouse_port: int = 8123
    web_port: int = 8321
    """A port of 0 takes any free one; `Daemon.ports` says which."""
    token: str | None = None
    """What every client must show as `Authorization: Bearer …`, or as its password."""
    refresh_s: float = 3.0
    """Seconds between two rebuilds of the rollups."""
    detect_s: float = 60.0
    """Seconds between two looks for anomalies."""
    anomaly_floor_usd: float = 0.25
    """Excess of a day below which nothing is called an anomaly."""
    anomaly_strictness: float = 1.0
    """How many times the usual evidence and excess an anomaly takes."""
    receivers: tuple[Receiver, ...] = ()
    """Receivers of notices: anomalies, budgets, silence, and daily and weekly spend."""
    timezone: tzinfo = UTC
    """Whose days, weeks and months the page and the notices show."""
    page_url: str = ""
    """Where people reach the page, such as `https://cost.example.com`: notices link to it."""
    viewer_token: str | None = None
    """Lets people look at the page, and change nothing. Needs `token` beside it."""
    identity_header: str = ""
    """Header in which a trusted proxy names the person it has let in, such as X-Forwarded-Email."""
    trusted_proxies: tuple[str, ...] = ()
    """Addresses or networks whose requests may carry it; empty is this machine."""
    editors: tuple[str, ...] = ()
    """Who of them may change something: names of the header, or `*` for all."""
    landlock: bool = False
    """Restrict the whole process to the store and to what Python needs, where the kernel can."""

    def __post_init__(self) -> None:
        if not self.is_local and not self.token:
            why = "set LLMCOST_TOKEN or add --token-file"
            raise ConfigError(f"listening on {self.host} is open to others: {why}")
        if self.page_url and not is_url(self.page_url):
            raise ConfigError("--page-url needs an http:// or https:// address")
        if self.viewer_token and self.viewer_token == (self.token or self.viewer_token):
            raise ConfigError(
                "a viewer token needs another token beside it, that of editors: LLMCOST_TOKEN"
            )
        if (self.trusted_proxies or self.editors) and not self.identity_header:
            raise ConfigError("--trusted-proxy and --editor mean something with --identity-header")
        for text in self.trusted_proxies:
            try:
                ipaddress.ip_network(text, strict=False)
            except ValueError as error:
                raise ConfigError(f"--trusted-proxy needs an address or network: {error}") from None

    @property
    def page_host(self) -> str:
        """The name in `page_url`; empty without one."""
        return urlsplit(self.page_url).hostname or ""

    @property
    def is_local(self) -> bool:
        """Whether only this machine can reach the daemon."""
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return self.host == "localhost"


def is_url(text: str) -> bool:
    """Whether it is the address of a web page."""
    parts = urlsplit(text)
    return parts.scheme in ("http", "https") and bool(parts.hostname)


def given_token(token: str | None, file: Path | None) -> str | None:
    """The token itself, or what stands in the file; None when there is neither.

    Raises ConfigError for both, for a file that cannot be read, and for a token that is none.
    """
    if file is None:
        found = token
    elif token:
        raise ConfigError("give the token once: LLMCOST_TOKEN (or --token), or --token-file")
    else:
        try:
            found = file.read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigError(f"cannot read the token in {file}: {error}") from None
        if not found:
            raise ConfigError(f"there is no token in {file}")
    if found and not (found.isascii() and found.isprintable() and " " not in found):
        raise ConfigError("a token is letters, digits and signs of ASCII, without spaces")
    return found or None
