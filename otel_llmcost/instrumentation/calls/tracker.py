# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Follows SDK calls from request to return: one call in, one record per billed reply out."""

from __future__ import annotations

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
from otel_llmcost.instrumentation.bodies.listeners import ReplyListener, ResumedListener
from otel_llmcost.instrumentation.bodies.readers import (
    Body,
    EventStream,
    JsonBody,
    OpaqueBody,
    parse_object,
)
from otel_llmcost.instrumentation.bodies.tee import Outcome, Tee
from otel_llmcost.instrumentation.calls import (
    attempts,
    costing,
    coverage,
    headers,
    request_facts,
)
from otel_llmcost.instrumentation.calls.background import Background
from otel_llmcost.instrumentation.calls.batches import BATCHES, Batches
from otel_llmcost.instrumentation.calls.call import Call, Reply, current
from otel_llmcost.instrumentation.calls.call_site import call_site
from otel_llmcost.instrumentation.calls.fingerprint import Fingerprints
from otel_llmcost.instrumentation.calls.hosts import Hosts
from otel_llmcost.instrumentation.calls.injection import Injection
from otel_llmcost.instrumentation.calls.opening import open_call
from otel_llmcost.instrumentation.calls.replays import Replays, digest_of, is_unique, made_at
from otel_llmcost.instrumentation.calls.sessions import SESSIONS, Sessions
from otel_llmcost.instrumentation.records.emitter import Emitter
from otel_llmcost.instrumentation.records.recorder import Recorder

_billable = functools.lru_cache(1000)(providers.billable)
_NOTHING: Mapping[str, Any] = {}
_SHORT = 16_384
"""Bytes of a body that may wait for its record to be read: thousands of them may."""
_PLAIN = ("/v1/messages", "/v1/chat/completions", "/v1/responses", "/v1/embeddings")
"""Endpoints whose price, where the SDK's own provider bills, is in the reply's body and in fields
of the request, not in its messages."""
_FROM_CONTEXT = (semconv.AGENT_NAME, semconv.WORKFLOW_NAME, semconv.CONVERSATION_ID)


@dataclass(slots=True)
class OpenCall:
    """A call under way, and what has to be undone when it returns."""

    call: Call | None
    options: Any
    """What the SDK is given: the application's, or a copy that also requests usage."""
    context_token: Token[Context] | None = None
    call_token: Token[Call | None] | None = None
    own_options: Any = None
    """The application's own options."""
    sent: tuple[tuple[Any, ...], dict[str, Any]] | None = None
    """Arguments with options of ours; None = those of the application."""
    resent: bool = False


class CallTracker:
    """Follows the calls of one SDK. No method raises into the SDK but for a budget that blocks."""

    def __init__(self, sdk: str, config: Config, emitter: Emitter) -> None:
        self._sdk = sdk
        self._customer_header = providers.api_of_sdk(sdk).sdk.customer_header
        self._config = config
        self._emitter = emitter
        self._fingerprints = Fingerprints(config.fingerprint_key) if config.fingerprint else None
        self.hosts = Hosts(sdk, config)
        self._budgets = None
        if (
            config.budgets
        ):  # the store's SQL comes with them, which is most of what there is to load
            from otel_llmcost.instrumentation.budgets import gate

            self._budgets = gate.of_process(config)
        self.recorder = Recorder(emitter, self.hosts, self._budgets)
        self._batches = Batches(self.recorder)
        self._replays = Replays()
        self._background = Background(self.recorder.finish)
        self._sessions = Sessions(self.recorder)
        self._injection = Injection(sdk, config)

    # The SDK's `request`

    def on_request(self, client: Any, options: Any, stream: bool) -> OpenCall | None:
        """Open a call; None = nothing to follow."""
        context = otel_context.get_current()
        now = get_current_span(context)
        ours = coverage.leaves_it_to_us(now, context)
        call = self._open(client, options, stream, now, context) if ours else None
        if call is None:
            # Hides the call around this one: a token refresh in its middle is no reply to it.
            return OpenCall(None, options, None, current.set(None)) if current.get() else None
        if self._budgets is not None:
            self._budgets.admit(call, self._emitter)
        given, options = options, request_facts.with_usage(options) if call.inject else options
        context = allocation.private(call.context)
        if call.emitter is None:
            call.span = self.recorder.start_span(call, call.started)
            if call.span.get_span_context().is_valid:
                call.inside = context = set_span_in_context(call.span, context)
        call.options = options
        opened = OpenCall(call, options, own_options=given)
        if context is not call.context:
            opened.context_token = otel_context.attach(context)
        opened.call_token = current.set(call)
        return opened

    def _open(
        self, client: Any, options: Any, stream: bool, now: Span, context: Context
    ) -> Call | None:
        endpoint = _billable(options.method, request_facts.path_of(options))
        if endpoint is None or options.method.upper() != "POST":
            return None
        return self._call(client, options, stream, endpoint, now, context)

    def _call(
        self, client: Any, options: Any, stream: bool, endpoint: str, now: Span, context: Context
    ) -> Call:
        base_url = request_facts.base_url_of(client, options)
        body = request_facts.body_of(options)
        tags = allocation.attributes_in(context)
        if self._customer_header is not None:
            tags = {**request_facts.customer_of(self._customer_header, client, options), **tags}
        call = open_call(
            self.hosts,
            sdk=self._sdk,
            endpoint=endpoint,
            base_url=base_url,
            body=body,
            stream=stream,
            started=time.time_ns(),
            allocation=tags,
            site=call_site(),
            context=context,
            emitter=coverage.emitter_at_request(self._sdk, client, options, now, context),
            # No span around, no attributes: nearly every call of a script, few of a service.
            inherited=_inherited(now) if now.is_recording() else _NOTHING,
        )
        call.foreign = now if call.emitter == "span" else None
        call.inject = self._injection.wanted(call, client)
        return call

    @guard("tracker.on_refusal")
    def on_refusal(self, opened: OpenCall, error: Exception) -> bool:
        """Whether to send the request once more, without what we added to it."""
        if (call := opened.call) is None or not self._injection.refused(call, error):
            return False
        call.refused += attempts.certainly_unbilled(error)
        call.options = opened.own_options
        opened.resent = True
        return True

    @guard("tracker.on_return")
    def on_return(self, opened: OpenCall) -> None:
        """The call returned to the application."""
        self._leave(opened)
        call = opened.call
        if call is None:
            return
        if opened.resent:
            self._injection.remember(call)
        for reply in call.replies:
            if not reply.later:
                self.recorder.finish(reply)
        self._returned(call)

    @guard("tracker.on_error")
    def on_error(self, opened: OpenCall, error: BaseException) -> None:
        """The call raised `error`; a reply that was billed before stays billed."""
        self._leave(opened)
        call = opened.call
        if call is None:
            return
        error_type = type(error).__qualname__
        for reply in call.replies:
            if not reply.later:
                reply.error_type = reply.error_type or error_type
                self.recorder.finish(reply)
        if not call.replies:
            self.recorder.finish_without_reply(call, error, error_type)
        self._returned(call)

    def _returned(self, call: Call) -> None:
        if self._budgets is not None and not any(reply.later for reply in call.replies):
            self._budgets.release(call)
        call.replies.clear()  # They point back, and cycles cost the collector time.
        # Answered from a cache of the application, or another emitter turned out to cover the call.
        if call.span is not None:
            call.span.end()

    def _leave(self, opened: OpenCall) -> None:
        if opened.call_token is not None:
            current.reset(opened.call_token)
        if opened.context_token is not None:
            otel_context.detach(opened.context_token)

    # The SDK's `_build_request` and `_calculate_retry_timeout`

    @guard("tracker.on_attempt")
    def on_attempt(self) -> None:
        """One HTTP request was built."""
        call = current.get()
        if call is not None:
            call.attempts += 1
            context = otel_context.get_current()
            if context is call.inside:
                return
            now = get_current_span(context)
            if now is not call.span and coverage.covers_a_call(now):
                call.covered = context

    @guard("tracker.on_retry")
    def on_retry(self, headers: object) -> None:
        """An attempt failed and will be repeated; `headers` are its response's, if it got one."""
        call = current.get()
        if call is not None and (
            headers is not None or attempts.certainly_unbilled(sys.exc_info()[1])
        ):
            call.refused += 1

    # The SDK's `_process_response`

    @guard("tracker.on_response")
    def on_response(self, client: Any, given: Mapping[str, Any]) -> OpenCall | None:
        """A reply came in. Returns a call to finish when it belongs to none that is open."""
        response, options = given["response"], given["options"]
        call, opened = current.get(), None
        if call is None:
            # Middleware may send requests of its own while the application reads a stream.
            context = otel_context.get_current()
            now = get_current_span(context)
            if not coverage.leaves_it_to_us(now, context) or response.status_code >= 400:
                return None
            call = self._open(client, options, bool(given.get("stream")), now, context)
            if call is None:
                self._on_other_response(client, options, response, bool(given.get("stream")))
                return None
            call.attempts = 1
            opened = OpenCall(call, options)
        if response.status_code >= 400:
            call.refused += 1
            return None
        content = None if given.get("stream") else _content(response)
        found = headers.read(response) or _NOTHING
        request_id = found.get(headers.REQUEST_ID, "")
        seen = content is not None and self._replays.seen((content, request_id))
        if content is not None and seen and is_unique(parse_object(content).get("id")):
            call.refused += 1  # The provider was not called.
            self.recorder.mark_replay(get_current_span())
            return opened
        reply = self._new_reply(call, options, response, found)
        reply.resend_count = int(given.get("retries_taken") or 0)
        reply.request_id = request_id
        call.replies.append(reply)
        call.billed += 1
        if content is not None and opened is None and self._can_wait(reply, content):
            costing.forget_content(reply.request)
            reply.unread = content
        elif content is not None:
            body = parse_object(content)
            reply.cost = self.recorder.price(reply, body)
            if self._background.defers(reply, body):
                self.recorder.defer(reply)
            else:
                self.recorder.date_back(reply, digest_of(body.get("id"), content))
                if reply.foreign is not None:
                    self.recorder.annotate(reply)
        else:
            reply.later = True
            kind = found.get(headers.CONTENT_TYPE, "")
            unread = self._body(reply, kind, bool(given.get("stream")))
            Tee(response, unread, ReplyListener(reply, self.on_body_end))
        return opened

    def _can_wait(self, reply: Reply, content: bytes) -> bool:
        """Whether what a reply cost may be read when its record is, from its body alone."""
        call = reply.call
        return (
            call.endpoint in _PLAIN
            and call.provider == call.sdk
            and call.known_host
            and self.recorder.can_wait(call)
            and reply.foreign is None
            and reply.made_at is None
            and not reply.request.get("background")
            and len(content) <= _SHORT
            and content[:1] == b"{"
        )

    def _on_other_response(self, client: Any, options: Any, response: Any, stream: bool) -> None:
        """Replies that are no billed calls: of batches, of sessions, of responses read later."""
        content = None if stream else _content(response)
        context = otel_context.get_current()
        now = get_current_span(context)
        if self._background.concerns(options):

            def requested_elsewhere() -> Reply:
                call = self._call(client, options, False, "/v1/responses", now, context)
                request = costing.request(call, options)
                return Reply(call=call, request=request, started=call.started, ids=call.context)

            if content is not None:
                self.on_background_read(requested_elsewhere, parse_object(content))
            elif stream:
                reader = providers.stream_reader(self._sdk, "/v1/responses")
                on_end = functools.partial(self.on_background_read, requested_elsewhere)
                Tee(response, EventStream(reader), ResumedListener(on_end))
        elif self._sessions.concerns(options) and content is not None:
            call = self._call(client, options, False, SESSIONS, now, context)
            self._sessions.reply(call, parse_object(content))
        elif self._batches.concerns(options):
            call = self._call(client, options, False, BATCHES, now, context)
            self._batches.reply(call, options, response, content)

    def on_background_read(
        self, requested_elsewhere: Callable[[], Reply], response: Mapping[str, Any]
    ) -> None:
        """A background response was read; if it is finished, its reply is too."""
        reply = self._background.finished(response, requested_elsewhere)
        if reply is not None:
            reply.cost = self.recorder.price(reply, response)
            self.recorder.finish(reply)

    def close(self) -> None:
        """Nothing more will be followed: record what still waits."""
        self._background.close()

    def _new_reply(
        self, call: Call, options: Any, response: Any, found: Mapping[str, str]
    ) -> Reply:
        reply = Reply(
            call=call,
            request=costing.request(call, options),
            started=time.time_ns() if call.billed else call.started,
        )
        reply.made_at = made_at(found.get(headers.DATE), reply.started)
        costing.note_reported_cost(reply, found)
        unmetered = call.attempts - call.refused - call.billed - 1
        if unmetered > 0:
            call.refused += unmetered
            reply.extra[semconv.ATTEMPTS_UNMETERED] = unmetered
        if self._fingerprints is not None:
            reply.fingerprints = costing.fingerprints(self._fingerprints, reply, response) or ""
        self._place(reply)
        return reply

    def _place(self, reply: Reply) -> None:
        """Decide where the record goes: on a span of ours, or beside another emitter's."""
        call, context = reply.call, otel_context.get_current()
        now = call.span if context is call.inside else get_current_span(context)
        covered = now is not None and now is not call.span and coverage.covers_a_call(now)
        if call.emitter is None and covered:
            call.emitter = "span"
        if call.emitter is not None:
            reply.foreign = now if covered else call.foreign
            beside = call.foreign is not None and not covered
            reply.ids = call.context if beside else context
            return
        reply.span, call.span = call.span, None
        if reply.span is None:
            reply.span = self.recorder.start_span(call, reply.started)
        reply.ids = call.context

    def _body(self, reply: Reply, kind: str, stream: bool) -> Body:
        if "event-stream" in kind or "eventstream" in kind or (stream and "json" not in kind):
            call = reply.call
            reply.outcome = "abandoned"
            reader = providers.stream_reader(call.provider, call.endpoint)
            is_aws = "amazon" in kind
            return AwsEventStream(reader) if is_aws else EventStream(reader, strip=call.inject)
        return JsonBody() if "json" in kind or not kind else OpaqueBody()

    # A body that the application read

    def on_body_end(
        self, reply: Reply, body: Body, outcome: Outcome, error: BaseException | None
    ) -> None:
        """The body of `reply` ended."""
        if reply.outcome is not None:
            reply.outcome = outcome
        if error is not None or body.error:
            reply.error_type = body.error or type(error).__qualname__
        response = body.response()
        if body.complete and self._replays.again(
            response.get("id"), (repr(response), reply.request_id)
        ):
            self.recorder.discard(reply)
            return
        cost = self.recorder.price(reply, response)
        if response.get("usage"):
            self._injection.accepted(reply.call)
        if not body.complete and cost is not None:
            cost = costing.as_partial(cost, outcome)
        reply.cost = cost
        if self._background.defers(reply, response) and not body.complete:
            self.recorder.defer(reply)
            return
        if body.complete:
            self.recorder.date_back(reply, digest_of(response.get("id"), repr(response)))
        self.recorder.annotate(reply)
        self.recorder.finish(reply)


def _inherited(around: Span) -> dict[str, Any]:
    """What a call takes over from the span that it is made in."""
    attributes = coverage.attributes_of(around)
    return {name: attributes[name] for name in _FROM_CONTEXT if name in attributes}


def _content(response: Any) -> bytes | None:
    try:
        return response.content
    except RuntimeError:  # httpx: the body is not read yet
        return None
