# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Every setting, read from the environment once: name = `LLMCOST_` + upper-case field name.

Inside an application a bad value costs one warning and falls back to the default. Tools that must
say what is wrong (`doctor`) read with `strict=True` and get a `ConfigError`. Standard `OTEL_*`
variables are honoured by OpenTelemetry itself and never redefined here.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, tzinfo
from typing import Any, Literal, cast
from urllib.parse import urlsplit

from otel_llmcost.errors import ConfigError
from otel_llmcost.timezones import timezone

_log = logging.getLogger(__name__)

Events = Literal["auto", "always", "never"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """Settings of one process; immutable."""

    events: Events = "auto"
    """Whether a record also leaves as a log event: `auto`, `always` or `never`.

    `auto` sends one unless the record's own span is sampled and exported.
    """
    otlp_endpoint: str | None = None
    """OTLP/HTTP base URL that records are sent to, whatever providers the application has."""
    hosts: Mapping[str, str] = field(default_factory=dict[str, str])
    """Who bills behind gateways: `host[:port]=provider,…`.

    `host[:port]/model-prefix=provider` decides for models whose name begins so; the longest prefix
    wins. `@file` reads the declarations from a file, one a line. Set for a process that refreshes
    the store, they decide for spans of other emitters too.
    """
    bedrock_profiles: Mapping[str, str] = field(default_factory=dict[str, str])
    """What application inference profiles of Bedrock stand for: `profile=model-id,…`.

    A profile is an id or an ARN; the model id names its geography.
    """
    openai_inject_usage: bool = True
    """Request usage of OpenAI chat streams, invisibly to the application."""
    fingerprint: bool = True
    """Whether records carry keyed hashes of the request and of its system and tools prefix."""
    fingerprint_key: str | None = field(default=None, repr=False)
    """Key that makes fingerprints comparable across processes; None = random per process."""
    details: bool = True
    """Whether what other backends seldom read travels as one attribute, `llmcost.details`; 0 sends
    every attribute on its own, which the store reads as well."""
    baggage: bool = False
    """Whether feature, scope and allocation travel to downstream services as W3C baggage."""
    budgets: bool = False
    """Whether calls are checked against the budgets of the store before they are sent."""
    budgets_url: str = "http://reader@127.0.0.1:8123"
    """ClickHouse HTTP interface of the store the budgets are read from."""
    sigterm: bool = True
    """Whether SIGTERM, where it would end the process at once, sends what waits first."""
    threads: bool = True
    """Whether feature and allocation reach threads and thread-pool tasks started inside."""
    prices: tuple[str, ...] = ()
    """Price files of your own, separated as in PATH."""
    timezone: tzinfo = UTC
    """Whose days, weeks and months reports and budgets have; a name such as `Europe/Berlin`."""

    @classmethod
    def from_env(cls, environ: Mapping[str, str], *, strict: bool = False) -> Config:
        """Read settings from `environ`. Raises `ConfigError` for a bad value only when `strict`."""
        values: dict[str, Any] = {}
        for name, parse in _PARSERS.items():
            variable = f"LLMCOST_{name.upper()}"
            text = environ.get(variable, "").strip()
            if not text:
                continue
            try:
                values[name] = parse(text)
            except ValueError as error:
                if strict:
                    raise ConfigError(f"{variable}: {error}") from None
                _log.warning("%s ignored: %s", variable, error)
        return cls(**values)


def _events(text: str) -> Events:
    if text.lower() not in ("auto", "always", "never"):
        raise ValueError(f"{text!r} is not auto, always or never")
    return cast(Events, text.lower())


def _switch(text: str) -> bool:
    if text.lower() in ("1", "true", "yes", "on"):
        return True
    if text.lower() in ("0", "false", "no", "off"):
        return False
    raise ValueError(f"{text!r} is not 1 or 0")


def _endpoint(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError(f"{text!r} is not a URL like http://localhost:4318")
    return text.rstrip("/")


def _hosts(text: str) -> dict[str, str]:
    if text.startswith("@"):
        text = ",".join(_lines(text[1:]))
    hosts: dict[str, str] = {}
    for part in filter(None, (part.strip() for part in text.split(","))):
        address, equals, provider = (piece.strip() for piece in part.partition("="))
        host, slash, prefix = address.partition("/")
        if not (host and equals and provider) or host.endswith(":") or (slash and not prefix):
            raise ValueError(
                f"{part!r} is not host[:port]=provider or host[:port]/model-prefix=provider, "
                "as in gateway:8080=anthropic"
            )
        hosts[f"{host.lower()}{slash}{prefix}"] = provider
    return hosts


def _lines(path: str) -> list[str]:
    try:
        with open(path, encoding="utf-8") as file:
            lines = [line.partition("#")[0].strip() for line in file]
    except (OSError, UnicodeDecodeError) as error:
        raise ValueError(f"{path!r} cannot be read: {error}") from None
    return [line for line in lines if line]


def _profiles(text: str) -> dict[str, str]:
    profiles: dict[str, str] = {}
    for part in filter(None, (part.strip() for part in text.split(","))):
        profile, equals, model = (piece.strip() for piece in part.partition("="))
        if not (profile and equals and model):
            raise ValueError(
                f"{part!r} is not profile=model, as in a1b2c3=us.anthropic.claude-sonnet-4-5-…"
            )
        profiles[profile.rpartition("/")[2]] = model
    return profiles


def _paths(text: str) -> tuple[str, ...]:
    return tuple(path for path in text.split(os.pathsep) if path)


_PARSERS: dict[str, Callable[[str], object]] = {
    "events": _events,
    "otlp_endpoint": _endpoint,
    "hosts": _hosts,
    "bedrock_profiles": _profiles,
    "openai_inject_usage": _switch,
    "fingerprint": _switch,
    "fingerprint_key": str,
    "details": _switch,
    "baggage": _switch,
    "budgets": _switch,
    "budgets_url": _endpoint,
    "sigterm": _switch,
    "threads": _switch,
    "prices": _paths,
    "timezone": timezone,
}

_active: Config | None = None


def active() -> Config:
    """The settings of this process, read from its environment when first needed."""
    global _active
    if _active is None:
        _active = Config.from_env(os.environ)
    return _active


def use(config: Config | None) -> None:
    """Replace the settings of this process; None = read the environment again."""
    global _active
    _active = config
