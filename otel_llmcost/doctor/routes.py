# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Which way records of an app started from this shell take, and what stands at its end."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit

from otel_llmcost.exporters import protocol_of_grpc

Environ = Mapping[str, str]
Signal = Literal["traces", "logs"]
Listener = Literal["none", "OTLP/HTTP", "gRPC", "TLS", "SQL", "HTTP", "something else"]

_SIGNALS: tuple[Signal, ...] = ("traces", "logs")
_TIMEOUT = 2.0
_PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"\x00\x00\x00\x04\x00\x00\x00\x00\x00"
_SETTINGS = 4  # type of the frame that every HTTP/2 server begins with


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One exporter, as OpenTelemetry configures it from the environment."""

    signal: Signal
    exporter: str
    """Name of its entry point; empty for the exporter of LLMCOST_OTLP_ENDPOINT."""
    protocol: str
    endpoint: str
    protocol_variable: str = "OTEL_EXPORTER_OTLP_PROTOCOL"
    endpoint_variable: str = "OTEL_EXPORTER_OTLP_ENDPOINT"
    tls: bool = False

    @property
    def is_grpc(self) -> bool:
        """Whether it speaks gRPC, not HTTP."""
        return self.protocol == "grpc"

    @property
    def address(self) -> tuple[str, int]:
        """Host and port. Raises ValueError for an endpoint without them."""
        parts = urlsplit(self.endpoint if "://" in self.endpoint else f"//{self.endpoint}")
        port = parts.port or (4317 if self.is_grpc else 443 if self.tls else 80)
        if not parts.hostname:
            raise ValueError(f"{self.endpoint} names no host")
        return parts.hostname, port

    def __str__(self) -> str:
        return f"{self.endpoint} ({'gRPC' if self.is_grpc else 'HTTP'})"


def routes(environ: Environ) -> Iterator[Route]:
    """The exporters that records take; none where both signals are exported to nowhere.

    Raises MissingExtraError for one that is not installed.
    """
    own = environ.get("LLMCOST_OTLP_ENDPOINT")
    if own:
        yield at_endpoint(own, "LLMCOST_OTLP_ENDPOINT")
        return
    for signal in _SIGNALS:
        names = environ.get(f"OTEL_{signal.upper()}_EXPORTER") or "otlp"
        for name in (name.strip() for name in names.split(",")):
            if name not in ("", "none"):
                yield _route(environ, signal, name)


def at_endpoint(endpoint: str, variable: str = "--endpoint") -> Route:
    """OTLP/HTTP for logs, to an endpoint of our own."""
    return Route(
        signal="logs",
        exporter="",
        protocol="http/protobuf",
        endpoint=f"{endpoint.rstrip('/')}/v1/logs",
        endpoint_variable=variable,
        tls=endpoint.startswith("https:"),
    )


def _route(environ: Environ, signal: Signal, name: str) -> Route:
    def setting(what: str, otherwise: str) -> tuple[str, str, bool]:
        """A variable of the signal, else the general one: its value, its name, whether it is own"""
        special, general = (
            f"OTEL_EXPORTER_OTLP_{part}{what}" for part in (f"{signal.upper()}_", "")
        )
        if environ.get(special):
            return environ[special], special, True
        return environ.get(general) or otherwise, general, False

    protocol, protocol_variable, _ = setting("PROTOCOL", "grpc")
    if name != "otlp":  # otlp_proto_http and otlp_proto_grpc say it themselves; others are unknown
        protocol = {"otlp_proto_http": "http/protobuf", "otlp_proto_grpc": "grpc"}.get(name, name)
    protocol = protocol.strip()
    if protocol == "grpc" and protocol_of_grpc(signal.upper(), environ) == "http":
        protocol = "http/protobuf"
    grpc = protocol == "grpc"
    endpoint, endpoint_variable, own = setting(
        "ENDPOINT", f"http://localhost:{4317 if grpc else 4318}"
    )
    if not grpc and not own:
        endpoint = f"{endpoint.rstrip('/')}/v1/{signal}"
    secure = setting("INSECURE", "false")[0].lower() != "true"
    scheme = endpoint.partition("://")[0] if "://" in endpoint else ""
    return Route(
        signal=signal,
        exporter=f"otlp_proto_{'grpc' if grpc else 'http'}" if name == "otlp" else name,
        protocol=protocol,
        endpoint=endpoint,
        protocol_variable=protocol_variable,
        endpoint_variable=endpoint_variable,
        tls=scheme == "https" or (grpc and not scheme and secure),
    )


def listener(route: Route) -> Listener:
    """What answers at the end of a route; an empty request of each kind is all that it gets.

    Raises ValueError for an endpoint that names no host.
    """
    host, port = route.address
    path = "/v1/logs" if route.is_grpc else urlsplit(route.endpoint).path or "/"
    try:
        answer = _answer(host, port, _request("POST", path, host))
    except OSError:
        return "none"
    if answer.startswith(b"HTTP/1."):
        return _http(host, port, answer.lower())
    if answer.startswith(b"\x15\x03") or _shakes_hands(host, port):
        return "TLS"
    frame = _answer(host, port, _PREFACE)
    return "gRPC" if len(frame) > _SETTINGS and frame[3] == _SETTINGS else "something else"


def _request(method: str, path: str, host: str) -> bytes:
    return (
        f"{method} {path} HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/x-protobuf\r\n"
        "Content-Length: 0\r\nConnection: close\r\n\r\n"
    ).encode()


def _http(host: str, port: int, answer: bytes) -> Listener:
    """What kind of HTTP it is, by its answer to OTLP, else by its first page."""
    if b"http request was sent to https" in answer:
        return "TLS"
    status = answer.split(b" ", 2)[1]
    if b"content-type: application/x-protobuf" in answer:
        return "OTLP/HTTP"
    # ClickHouse says "Ok." to a request for "/".
    first = _answer(host, port, _request("GET", "/", host)).lower()
    if b"x-clickhouse-" in answer + first or first.rstrip().endswith(b"\r\n\r\nok."):
        return "SQL"
    if status in (b"200", b"401", b"403"):
        return "OTLP/HTTP"
    return "HTTP" if status in (b"404", b"405") else "something else"


def _answer(host: str, port: int, request: bytes) -> bytes:
    """The begin of the answer; empty when there is none. Raises OSError where nothing listens."""
    with socket.create_connection((host, port), timeout=_TIMEOUT) as connection:
        try:
            connection.sendall(request)
            answer = connection.recv(4096)
            while answer.startswith(b"HTTP/1.") and len(answer) < 4096:
                more = connection.recv(4096)
                if not more:
                    break
                answer += more
        except OSError:
            return b""
        return answer


def _shakes_hands(host: str, port: int) -> bool:
    """Whether it speaks TLS, with whatever certificate."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    try:
        with (
            socket.create_connection((host, port), timeout=_TIMEOUT) as connection,
            context.wrap_socket(connection, server_hostname=host),
        ):
            return True
    except (OSError, ValueError):
        return False


def trouble(route: Route, found: Listener, daemon: Mapping[str, object] | None) -> tuple[str, str]:
    """What is wrong with a route that ends at such a listener, and the fix; empty when nothing."""
    port = route.endpoint
    use = _use(route, daemon)
    match found:
        case "none":
            fix = use if daemon else "start `otel-llmcost serve` or your collector, or " + use
            return f"nothing listens at {port}", fix
        case "SQL":
            return f"{port} is the SQL port, which takes no OTLP", use
        case "HTTP":
            return f"{port} answers HTTP, but takes no OTLP there", use
        case "TLS" if not route.tls:
            fix = f"use https:// in {route.endpoint_variable}"
            return f"{port} speaks TLS, and the endpoint is plain http", fix
        case "OTLP/HTTP" | "gRPC" if route.tls:
            fix = f"use http:// in {route.endpoint_variable}"
            return f"{port} speaks no TLS, and the exporter does", fix
        case "OTLP/HTTP" if route.is_grpc:
            return (
                f"gRPC (the default protocol) to {port}, where OTLP/HTTP listens",
                f"set {route.protocol_variable}=http/protobuf, or name the gRPC port (4317)",
            )
        case "gRPC" if not route.is_grpc:
            return (
                f"HTTP to {port}, where gRPC listens",
                f"set {route.protocol_variable}=grpc, or name the HTTP port (4318)",
            )
        case _:
            return "", ""


def _use(route: Route, daemon: Mapping[str, object] | None) -> str:
    """The setting that leads to a daemon."""
    if route.endpoint_variable == "--endpoint":
        return f"--endpoint {(daemon or {}).get('otlp_http') or 'http://127.0.0.1:4318'}"
    kind, default = (
        ("otlp_grpc", "127.0.0.1:4317") if route.is_grpc else ("otlp_http", "127.0.0.1:4318")
    )
    address = str((daemon or {}).get(kind) or default)
    url = address if "://" in address else f"http://{address}"
    special = route.endpoint_variable not in (
        "OTEL_EXPORTER_OTLP_ENDPOINT",
        "LLMCOST_OTLP_ENDPOINT",
    )
    path = f"/v1/{route.signal}" if special and not route.is_grpc else ""
    return f"set {route.endpoint_variable}={url}{path}"
