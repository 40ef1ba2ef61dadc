# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""What `doctor` looks at. Each check is a function from the environment to findings."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from importlib import metadata
from typing import Literal
from urllib.parse import urlsplit

from otel_llmcost import __version__
from otel_llmcost.config import Config
from otel_llmcost.doctor import routes
from otel_llmcost.doctor.routes import Route
from otel_llmcost.errors import ConfigError, MissingExtraError
from otel_llmcost.providers import APIS, billing_provider
from otel_llmcost.timezones import name_of

Environ = Mapping[str, str]
_SDKS = sorted((api.sdk for api in APIS), key=lambda sdk: sdk.name)
_OURS = tuple(f"llmcost_{sdk.name}" for sdk in _SDKS)
_GROUP = "opentelemetry_instrumentor"
_OPENLLMETRY = "pip install opentelemetry-instrumentation-{}: its spans become calls"
_UNSEEN = {
    "litellm": (
        "calls to Anthropic and others through HTTP clients",
        'litellm.callbacks = ["otel"]: its spans become calls, as an estimate',
    ),
    "google-genai": ("calls to Gemini", _OPENLLMETRY.format("google-generativeai")),
    "google-generativeai": ("calls to Gemini", _OPENLLMETRY.format("google-generativeai")),
    "google-cloud-aiplatform": ("calls to Vertex AI", _OPENLLMETRY.format("vertexai")),
    "mistralai": ("calls to Mistral", _OPENLLMETRY.format("mistralai")),
    "cohere": ("calls to Cohere", _OPENLLMETRY.format("cohere")),
    "groq": ("calls to Groq", _OPENLLMETRY.format("groq")),
    "together": ("calls to Together", _OPENLLMETRY.format("together")),
    "ollama": ("calls to Ollama", _OPENLLMETRY.format("ollama")),
    "boto3": (
        "calls to Bedrock's own API",
        "use anthropic.AnthropicBedrock, or " + _OPENLLMETRY.format("bedrock"),
    ),
    "azure-ai-inference": (
        "calls to Azure AI",
        "use the openai or anthropic SDK with the Azure endpoint",
    ),
}
"""Distribution -> which calls, and the way to record them."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the doctor's report."""

    check: str
    state: Literal["ok", "warn", "fail"]
    found: str
    fix: str = ""


def sdks(_: Environ) -> Iterable[Finding]:
    """Which SDKs this Python has, and whether their versions are supported."""
    found = {sdk: _version(sdk.name) for sdk in _SDKS}
    if not any(found.values()):
        names = " nor ".join(sdk.name for sdk in _SDKS)
        yield Finding("SDKs", "fail", f"neither {names}", f"pip install {_SDKS[0].name}")
    for sdk, version in found.items():
        if version is None:
            continue
        wanted = ".".join(map(str, sdk.oldest))
        if _numbers(version) < sdk.oldest:
            fix = f"pip install '{sdk.name}>={wanted}'"
            yield Finding("SDKs", "fail", f"{sdk.name} {version} is older than {wanted}", fix)
        else:
            yield Finding("SDKs", "ok", f"{sdk.name} {version}")


def instrumentors(environ: Environ) -> Iterable[Finding]:
    """Whether `opentelemetry-instrument` will find ours, and who else instruments the SDKs."""
    entries = list(metadata.entry_points(group=_GROUP))
    off = {name.strip() for name in environ.get(_DISABLED, "").split(",") if name.strip()}
    names = {entry.name for entry in entries}
    for name in _OURS:
        if name not in names:
            fix = "pip install --force-reinstall otel-llmcost"
            yield Finding("entry points", "fail", f"{name} is not registered", fix)
        elif name in off or "*" in off:
            yield Finding("entry points", "fail", f"{name} is disabled", f"unset {_DISABLED}")
        else:
            yield Finding("entry points", "ok", name)
    if _version("opentelemetry-distro") is None:
        fix = "pip install opentelemetry-distro"
        yield Finding("entry points", "fail", "without a distro nothing is exported", fix)
    for entry in entries:
        if entry.name not in _OURS and any(
            sdk.name in f"{entry.name} {entry.value}" for sdk in _SDKS
        ):
            package = entry.dist.name if entry.dist else entry.value
            if entry.name in off:
                yield Finding("other emitters", "ok", f"{package} is disabled")
            else:
                yield Finding(
                    "other emitters",
                    "warn",
                    f"{package} records the same calls; its spans are recognised and count once",
                    f"to save the work: {_DISABLED}={entry.name}",
                )


def settings(environ: Environ) -> Iterable[Finding]:
    """Whether our settings can be read, and what they declare."""
    try:
        config = Config.from_env(environ, strict=True)
    except ConfigError as error:
        yield Finding("settings", "fail", str(error), "correct the variable")
        return
    for host, provider in config.hosts.items():
        address, slash, prefix = host.partition("/")
        models = f" for models that begin with {prefix}" if slash else ""
        yield Finding("hosts", "ok", f"{address} is billed by {provider}{models}")
    yield from _gateways(environ, config)


def threads(environ: Environ) -> Iterable[Finding]:
    """Whether tags reach the calls of threads that are started inside a tagged scope."""
    if Config.from_env(environ).threads:
        found = "feature() and allocate() reach threads and thread pools started inside"
        yield Finding("threads", "ok", found)
    else:
        found = "calls in threads and thread pools have no feature: LLMCOST_THREADS is off"
        yield Finding("threads", "warn", found, "unset LLMCOST_THREADS, or tag inside the thread")


def _gateways(environ: Environ, config: Config) -> Iterable[Finding]:
    for sdk in _SDKS:
        variable = sdk.base_url_variable
        url = environ.get(variable)
        if not url:
            continue
        host = urlsplit(url).netloc.rpartition("@")[2]
        provider = billing_provider(url, config.hosts, sdk.name)
        if any(key.startswith(f"{host}/") for key in config.hosts):
            continue  # the model decides
        if provider is None:
            fix = f"LLMCOST_HOSTS={host}={sdk.name}"
            yield Finding("hosts", "fail", f"{variable}: who bills for {host} is unknown", fix)
        elif host not in config.hosts:
            yield Finding("hosts", "ok", f"{variable}: {host} is billed by {provider}")


def zone(environ: Environ) -> Iterable[Finding]:
    """Whose days, weeks and months reports and budgets have."""
    name = name_of(Config.from_env(environ).timezone)
    yield Finding("time zone", "ok", f"days, weeks and months are those of {name}")


def prices(_: Environ) -> Iterable[Finding]:
    """Which price book is in use, overlays included."""
    from otel_llmcost.pricing import PriceBook

    try:
        book = PriceBook.default()
    except ConfigError as error:
        yield Finding("prices", "fail", str(error), "correct the file, or LLMCOST_PRICES")
        return
    yield Finding("prices", "ok", f"price book {book.version}, otel-llmcost {__version__}")


def exporter(environ: Environ) -> Iterable[Finding]:
    """Where records of an app started from here go, and whether anything listens there."""
    if environ.get("OTEL_SDK_DISABLED", "").lower() == "true":
        yield Finding("exporter", "fail", "OTEL_SDK_DISABLED=true", "unset OTEL_SDK_DISABLED")
        return
    # Records take the log signal whenever the trace signal would not carry them.
    quiet = [
        name
        for name in ("OTEL_TRACES_EXPORTER", "OTEL_LOGS_EXPORTER")
        if environ.get(name, "otlp").lower() == "none"
    ]
    own = environ.get("LLMCOST_OTLP_ENDPOINT")
    if len(quiet) == 2 and not own:
        fix = "set OTEL_LOGS_EXPORTER=otlp, or LLMCOST_OTLP_ENDPOINT=http://127.0.0.1:4318"
        yield Finding("exporter", "fail", "traces and logs are both exported to nowhere", fix)
        return
    try:
        ways = list(routes.routes(environ))
    except MissingExtraError as error:
        fix = f"pip install 'otel-llmcost[{error.extra}]'"
        yield Finding("exporter", "fail", "an endpoint over gRPC, whose exporter is an extra", fix)
        return
    for way in ways:
        yield _reached(way)


def _reached(route: Route) -> Finding:
    name = f"exporter ({route.signal})"
    if route.exporter and not route.exporter.startswith("otlp_proto_"):
        fix = f"set OTEL_{route.signal.upper()}_EXPORTER=otlp"
        return Finding(name, "warn", f"{route.exporter} sends no OTLP to a store", fix)
    try:
        found = routes.listener(route)
    except ValueError as error:
        return Finding(name, "warn", f"{route.endpoint}: {error}", f"set {route.endpoint_variable}")
    wrong, fix = routes.trouble(route, found, None)
    if wrong:
        return Finding(name, "warn" if found == "none" else "fail", wrong, fix)
    return Finding(name, "ok", f"{route} is listening")


def unseen(_: Environ) -> Iterable[Finding]:
    """Installed libraries whose calls the SDKs' instrumentation cannot see, and what can."""
    for package, (whose, fix) in _UNSEEN.items():
        version = _version(package)
        if version is not None:
            found = f"{package} {version}: {whose} are not recorded"
            yield Finding("other libraries", "warn", found, fix)


CHECKS: tuple[Callable[[Environ], Iterable[Finding]], ...] = (
    sdks,
    unseen,
    instrumentors,
    settings,
    threads,
    zone,
    prices,
    exporter,
)
_DISABLED = "OTEL_PYTHON_DISABLED_INSTRUMENTATIONS"


def _version(package: str) -> str | None:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", version)[:2])
