# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""OTLP over gRPC: bodies are passed on as bytes, no message class is involved.

To gRPC each request is a stream of one message: a stream is read only when its handler says so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, NoReturn, cast

from otel_llmcost.errors import ConfigError, StoreError
from otel_llmcost.ingest import Busy, MalformedBody, Signal
from otel_llmcost.serve.otlp.arrivals import Arrivals
from otel_llmcost.serve.otlp.intake import MAX_BODY, Intake
from otel_llmcost.serve.otlp.responses import (
    RESOURCE_EXHAUSTED,
    STORE_RETRY_S,
    UNAVAILABLE,
    exported,
    retry_later,
)
from otel_llmcost.serve.transport.access import is_token
from otel_llmcost.serve.transport.bodies import Held
from otel_llmcost.serve.transport.encodings import TooLarge

if TYPE_CHECKING:
    import grpc

_METHODS: dict[str, Signal] = {
    "/opentelemetry.proto.collector.trace.v1.TraceService/Export": "traces",
    "/opentelemetry.proto.collector.logs.v1.LogsService/Export": "logs",
    "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export": "metrics",
}


# A message has no deadline of its own in gRPC: that of its connection ends it. Exporters connect
# again without noticing.
_OPTIONS = [
    ("grpc.max_receive_message_length", MAX_BODY),
    ("grpc.so_reuseport", 0),
    ("grpc.max_concurrent_streams", 64),
    # Or gRPC takes megabytes of each stream ahead of its reader.
    ("grpc.http2.bdp_probe", 0),
    ("grpc.max_metadata_size", 16 << 10),
    ("grpc.server_handshake_timeout_ms", 10_000),
    ("grpc.max_connection_idle_ms", 300_000),
    ("grpc.max_connection_age_ms", 300_000),
    ("grpc.max_connection_age_grace_ms", 30_000),
]


class OtlpGrpc:
    """The gRPC receiver. Raises ConfigError when its port is taken."""

    def __init__(self, intake: Intake, host: str, port: int, token: str | None) -> None:
        import grpc

        # A call holds its thread until its spans are durable, so this bounds one group commit.
        self._server = grpc.server(
            ThreadPoolExecutor(64, "llmcost-grpc"),
            handlers=[_handler(intake, token)],
            options=_OPTIONS,
        )
        address = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        try:
            self.port = self._server.add_insecure_port(address)
        except RuntimeError as error:
            raise ConfigError(
                f"cannot listen on {address} ({error}): change --otlp-grpc-port"
            ) from error

    def start(self) -> None:
        """Begin to answer."""
        self._server.start()

    def stop(self) -> None:
        """Refuse new calls; return when those under way have their answer."""
        self._server.stop(grace=5).wait()


def _handler(intake: Intake, token: str | None) -> grpc.GenericRpcHandler:
    import grpc

    arrivals = Arrivals()

    class Handler(grpc.GenericRpcHandler):
        def service(
            self, handler_call_details: grpc.HandlerCallDetails
        ) -> grpc.RpcMethodHandler[Any, Any] | None:
            signal = _METHODS.get(handler_call_details.method)
            if signal is None:
                return None
            return grpc.stream_unary_rpc_method_handler(_export(intake, arrivals, signal, token))

    return Handler()


def _export(
    intake: Intake, arrivals: Arrivals, signal: Signal, token: str | None
) -> Callable[[Iterator[bytes], grpc.ServicerContext], bytes]:
    import grpc

    def export(messages: Iterator[bytes], context: grpc.ServicerContext) -> bytes:
        sent = dict(cast("list[tuple[str, str]]", context.invocation_metadata()))
        if token and not is_token(str(sent.get("authorization", "")), token):
            context.abort(grpc.StatusCode.UNAUTHENTICATED, "a token is required")
        with arrivals.one(context.cancel):
            body = next(messages, None)
        if body is None:
            context.abort(grpc.StatusCode.CANCELLED, "the request did not arrive")
        try:
            with Held(intake.budget) as held:
                held.take(len(body))
                kept = intake.submit(held, signal, body).result().result()
        except (MalformedBody, TooLarge) as error:
            context.abort(grpc.StatusCode.INVALID_ARGUMENT, str(error))
        except Busy as error:
            _abort_for_retry(context, RESOURCE_EXHAUSTED, str(error), error.retry_after_s)
        except StoreError as error:
            _abort_for_retry(context, UNAVAILABLE, str(error), STORE_RETRY_S)
        return exported(signal, kept).SerializeToString()

    return export


def _abort_for_retry(context: grpc.ServicerContext, code: int, why: str, seconds: int) -> NoReturn:
    import grpc

    status = retry_later(code, why, seconds)
    context.set_trailing_metadata((("grpc-status-details-bin", status.SerializeToString()),))
    name = "RESOURCE_EXHAUSTED" if code == RESOURCE_EXHAUSTED else "UNAVAILABLE"
    context.abort(grpc.StatusCode[name], why[:1000])
