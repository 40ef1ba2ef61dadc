# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""What happens at each patch point: one call in, one record per billed reply out."""

from __future__ import annotations

import dataclasses
import functools
import sys
import time
from collections.abc import Callable, Mapping
from contextvars import Token
from dataclasses import dataclass
from typing import Any

from opentelemetry import context as otel_context
from opentelemetry.context import Context
from opentelemetry.trace import Span, get_current_span, set_span_in_context

from otel_llmcost import allocation, providers, semconv
from otel_llmcost.config import Config
from otel_llmcost.guard import guard
from otel_llmcost.instrumentation.bodies.aws import AwsEventStream
from otel_llmcost.instrumentation.bodies.listeners import ReplyRead, Resumed
from otel_llmcost.instrumentation.bodies.readers import (
    Body,
    EventStream,
    JsonBody,
    OpaqueBody,
    parse_object,
)
from otel_llmcost.instrumentation.bodies.tee import Outcome, Tee
from otel_llmcost.instrumentation.budgets import gate
from otel_llmcost.instrumentation.calls import attempts, costing, coverage, request_facts
from otel_llmcost.instrumentation.calls.background import Background
from otel_llmcost.instrumentation.calls.batches import BATCHES, Batches
from otel_llmcost.instrumentation.calls.call import Call, Reply, current
from otel_llmcost.instrumentation.calls.call_site import call_site
from otel_llmcost.instrumentation.calls.fingerprint import Fingerprints
from otel_llmcost.instrumentation.calls.hosts import Hosts
from otel_llmcost.instrumentation.calls.injection import Injection
from otel_llmcost.instrumentation.calls.replays import Replays
from otel_llmcost.instrumentation.calls.sessions import SESSIONS, Sessions
from otel_llmcost.instrumentation.records import record_attributes
from otel_llmcost.instrumentation.records.emitter import Emitter
from otel_llmcost.instrumentation.records.recorder import Recorder

_billable = functools.lru_cache(1000)(providers.billable)
_FROM_CONTEXT = (semconv.AGENT_NAME, semconv.WORKFLOW_NAME, semconv.CONVERSATION_ID)


@dataclass(slots=True)
class Entered:
    """A call under way, and what has to be undone when it returns."""

    call: Call | None
    options: Any
    """What the SDK is given: the application's, or a copy that also asks for usage."""
    context_token: Token[Context] | None = None
    call_token: Token[Call | None] | None = None
    given: Any = None
    """The application's own options."""
    resent: bool = False


class Driver:
    """Follows the calls of one SDK. Every method is total: it never raises into the SDK."""

    def __init__(self, sdk: str, config: Config, emitter: Emitter) -> None:
        self._sdk = sdk
        self._customer_header = providers.api_of_sdk(sdk).sdk.customer_header
        self._config = config
        self._emitter = emitter
        self._fingerprints = Fingerprints(config.fingerprint_key) if config.fingerprint else None
        self._hosts = Hosts(sdk, config)
        self._batches = Batches(emitter)
        self._budgets = gate.of_process(config)
        self._recorder = Recorder(emitter, self._hosts, self._budgets)
        self._replays = Replays()
        self._background = Background(self._recorder.send)
        self._sessions = Sessions(emitter)
        self._injection = Injection(sdk, config)

    # P1: `request`

    def begin(self, client: Any, options: Any, stream: bool) -> Entered | None:
        """Open a call; None = nothing to follow."""
        now = get_current_span()
        call = self._open(client, options, stream, now) if coverage.leaves_it_to_us(now) else None
        if call is None:
            # Hides the call around this one: a token refresh in its middle is no reply to it.
            return Entered(None, options, None, current.set(None)) if current.get() else None
        if self._budgets is not None:
            self._budgets.admit(call, self._emitter)
        given, options = options, request_facts.with_usage(options) if call.inject else options
        context = allocation.private(call.context)
        if call.emitter is None:
            call.span = self._emitter.start_span(
                call.attributes, call.context, started=call.started
            )
            if call.span.get_span_context().is_valid:
                context = set_span_in_context(call.span, context)
        call.options = options
        entered = Entered(call, options, given=given)
        if context is not call.context:
            entered.context_token = otel_context.attach(context)
        entered.call_token = current.set(call)
        return entered

    def _open(self, client: Any, options: Any, stream: bool, now: Span) -> Call | None:
        endpoint = _billable(options.method, request_facts.path_of(options))
        if endpoint is None or options.method.upper() != "POST":
            return None
        return self._call(client, options, stream, endpoint, now)

    def _call(self, client: Any, options: Any, stream: bool, endpoint: str, now: Span) -> Call:
        base_url = request_facts.base_url_of(client, options)
        body = request_facts.body_of(options)
        provider, host = self._hosts.lookup(base_url, body.get("model"))
        tags = {
            **request_facts.customer_of(self._customer_header, client, options),
            **allocation.current_attributes(),
        }
        call = Call(
            sdk=self._sdk,
            endpoint=endpoint,
            provider=provider or self._sdk,
            known_host=provider is not None,
            base_url=base_url,
            host=host,
            body=body,
            stream=stream,
            started=time.time_ns(),
            attributes={},
            allocation=tags,
            context=otel_context.get_current(),
            emitter=coverage.emitter_at_request(self._sdk, client, options, now),
        )
        call.foreign = now if call.emitter == "span" else None
        around = coverage.attributes_of(now)
        inherited = {name: around[name] for name in _FROM_CONTEXT if name in around}
        facts = record_attributes.of_request(call)
        call.attributes = {**inherited, **facts, **call.allocation, **call_site()}
        call.inject = self._injection.wanted(call, client)
        return call

    @guard("driver.resend")
    def resends(self, entered: Entered, error: Exception) -> bool:
        """Whether to send the request once more, without what we added to it."""
        if (call := entered.call) is None or not self._injection.refused(call, error):
            return False
        call.refused += attempts.surely_free(error)
        call.options = entered.given
        entered.resent = True
        return True

    @guard("driver.done")
    def done(self, entered: Entered) -> None:
        """The call returned to the application."""
        self._leave(entered)
        call = entered.call
        if call is None:
            return
        if entered.resent:
            self._injection.remember(call)
        for reply in call.replies:
            if not reply.later:
                self._recorder.send(reply)
        self._returned(call)

    @guard("driver.failed")
    def failed(self, entered: Entered, error: BaseException) -> None:
        """The call raised `error`; a reply that was billed before stays billed."""
        self._leave(entered)
        call = entered.call
        if call is None:
            return
        error_type = type(error).__qualname__
        for reply in call.replies:
            if not reply.later:
                reply.error_type = reply.error_type or error_type
                self._recorder.send(reply)
        if not call.replies:
            self._recorder.send_unbilled(call, error, error_type)
        self._returned(call)

    def _returned(self, call: Call) -> None:
        if self._budgets is not None and not any(reply.later for reply in call.replies):
            self._budgets.release(call)
        call.replies.clear()  # They point back, and cycles are dear to collect.
        # Answered from a cache of the application, or another emitter turned out to cover the call.
        if call.span is not None:
            call.span.end()

    def _leave(self, entered: Entered) -> None:
        if entered.call_token is not None:
            current.reset(entered.call_token)
        if entered.context_token is not None:
            otel_context.detach(entered.context_token)

    # P2 and P5: `_build_request`, `_calculate_retry_timeout`

    @guard("driver.attempted")
    def attempted(self) -> None:
        """One HTTP request was built."""
        call = current.get()
        if call is not None:
            call.attempts += 1
            now = get_current_span()
            if now is not call.span and coverage.covers_a_call(now):
                call.covered = otel_context.get_current()

    @guard("driver.retrying")
    def retrying(self, headers: object) -> None:
        """An attempt failed and will be repeated; `headers` are its response's, if it got one."""
        call = current.get()
        if call is not None and (headers is not None or attempts.surely_free(sys.exc_info()[1])):
            call.refused += 1

    # P3: `_process_response`

    @guard("driver.reply")
    def reply(self, client: Any, given: Mapping[str, Any]) -> Entered | None:
        """A reply came in. Returns a call to finish when it belongs to none that is open."""
        response, options = given["response"], given["options"]
        call, entered = current.get(), None
        if call is None:
            # Middleware may send requests of its own while the application reads a stream.
            now = get_current_span()
            if not coverage.leaves_it_to_us(now) or response.status_code >= 400:
                return None
            call = self._open(client, options, bool(given.get("stream")), now)
            if call is None:
                self._aside(client, options, response, bool(given.get("stream")))
                return None
            call.attempts = 1
            entered = Entered(call, options)
        if response.status_code >= 400:
            call.refused += 1
            return None
        content = None if given.get("stream") else _content(response)
        body = {} if content is None else parse_object(content)
        request_id = _request_id(response)
        if self._replays.again(body.get("id"), (content, request_id)):
            call.refused += 1  # Nothing was asked of the provider.
            self._recorder.picture_replay(get_current_span())
            return entered
        reply = self._new_reply(call, options, response, int(given.get("retries_taken") or 0))
        reply.request_id = request_id
        call.replies.append(reply)
        call.billed += 1
        if content is not None:
            reply.cost = self._recorder.meter(reply, body)
            if self._background.defers(reply, body):
                self._recorder.defer(reply)
            elif reply.foreign is not None:
                self._recorder.decorate(reply)
        else:
            reply.later = True
            unread = self._body(reply, response, bool(given.get("stream")))
            Tee(response, unread, ReplyRead(self, reply))
        return entered

    def _aside(self, client: Any, options: Any, response: Any, stream: bool) -> None:
        """Replies that are no billed calls: of batches, of sessions, of responses read later."""
        content = None if stream else _content(response)
        if self._background.concerns(options):
            now = get_current_span()

            def asked_elsewhere() -> Reply:
                call = self._call(client, options, False, "/v1/responses", now)
                request = costing.request(call, options)
                return Reply(call=call, request=request, started=call.started, ids=call.context)

            if content is not None:
                self.resumed(parse_object(content), asked_elsewhere)
            elif stream:
                reader = providers.stream_reader(self._sdk, "/v1/responses")
                Tee(response, EventStream(reader), Resumed(self, asked_elsewhere))
        elif self._sessions.concerns(options) and content is not None:
            call = self._call(client, options, False, SESSIONS, get_current_span())
            self._sessions.reply(call, parse_object(content))
        elif self._batches.concerns(options):
            call = self._call(client, options, False, BATCHES, get_current_span())
            self._batches.reply(call, options, response, content)

    def resumed(self, response: Mapping[str, Any], asked_elsewhere: Callable[[], Reply]) -> None:
        """A background response was read; if it is finished, its reply is too."""
        reply = self._background.finished(response, asked_elsewhere)
        if reply is not None:
            reply.cost = self._recorder.meter(reply, response)
            self._recorder.send(reply)

    def close(self) -> None:
        """Nothing more will be followed: tell what still waits."""
        self._background.close()

    def _new_reply(self, call: Call, options: Any, response: Any, resend_count: int) -> Reply:
        reply = Reply(
            call=call,
            request=costing.request(call, options),
            started=time.time_ns() if call.billed else call.started,
            resend_count=resend_count,
        )
        costing.note_reported_cost(reply, response)
        unmetered = call.attempts - call.refused - call.billed - 1
        if unmetered > 0:
            call.refused += unmetered
            reply.extra[semconv.ATTEMPTS_UNMETERED] = unmetered
        if self._fingerprints is not None:
            reply.extra.update(costing.fingerprints(self._fingerprints, reply, response) or {})
        self._place(reply)
        return reply

    def _place(self, reply: Reply) -> None:
        """Decide where the record sits: on a span of ours, or beside another emitter's."""
        call, now = reply.call, get_current_span()
        covered = now is not call.span and coverage.covers_a_call(now)
        if call.emitter is None and covered:
            call.emitter = "span"
        if call.emitter is not None:
            reply.foreign = now if covered else call.foreign
            beside = call.foreign is not None and not covered
            reply.ids = call.context if beside else otel_context.get_current()
            return
        reply.span, call.span = call.span, None
        if reply.span is None:
            reply.span = self._emitter.start_span(
                call.attributes, call.context, started=reply.started
            )
        reply.ids = call.context

    def _body(self, reply: Reply, response: Any, stream: bool) -> Body:
        kind = str(response.headers.get("content-type", ""))
        if "event-stream" in kind or "eventstream" in kind or (stream and "json" not in kind):
            call = reply.call
            reply.extra[semconv.STREAM_OUTCOME] = "abandoned"
            reader = providers.stream_reader(call.provider, call.endpoint)
            is_aws = "amazon" in kind
            return AwsEventStream(reader) if is_aws else EventStream(reader, strip=call.inject)
        return JsonBody() if "json" in kind or not kind else OpaqueBody()

    # A body that the application read

    def read(self, reply: Reply, body: Body, outcome: Outcome, error: BaseException | None) -> None:
        """The body of `reply` ended."""
        if semconv.STREAM_OUTCOME in reply.extra:
            reply.extra[semconv.STREAM_OUTCOME] = outcome
        if error is not None or body.error:
            reply.error_type = body.error or type(error).__qualname__
        response = body.response()
        if body.complete and self._replays.again(
            response.get("id"), (repr(response), reply.request_id)
        ):
            self._recorder.drop(reply)
            return
        cost = self._recorder.meter(reply, response)
        if response.get("usage"):
            self._injection.accepted(reply.call)
        if not body.complete and cost is not None:
            cost = dataclasses.replace(cost, **costing.as_partial(cost, outcome))
        reply.cost = cost
        if self._background.defers(reply, response) and not body.complete:
            self._recorder.defer(reply)
            return
        self._recorder.decorate(reply)
        self._recorder.send(reply)


@guard("driver.request_id")
def _request_id(response: Any) -> str:
    headers = response.headers
    return str(headers.get("request-id") or headers.get("x-request-id") or "")


def _content(response: Any) -> bytes | None:
    try:
        return response.content
    except RuntimeError:  # httpx: the body is not read yet
        return None
