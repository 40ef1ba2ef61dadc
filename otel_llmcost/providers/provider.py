# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""The facts about a provider, an API and an SDK: plain data and pure functions.

A `Provider` bills. An `Api` is a format of requests and replies, with the maker of the models that
speak it and the SDK that sends it. Anthropic and OpenAI are both; a cloud is a `Provider` only. One
folder each describes them, and `registry` lists the folders.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from otel_llmcost.providers.batches import BatchLine
from otel_llmcost.providers.fields import JSON
from otel_llmcost.providers.invoices import InvoiceLine
from otel_llmcost.providers.streams import StreamReader
from otel_llmcost.usage import Status, Usage

UNKNOWN_SKU = "unknown_sku"
"""Why a deployment's place is only assumed: nothing says which kind it is."""


class Place(NamedTuple):
    """Where a call was served, as far as the client has it."""

    geo: str | None = None
    """A geography with prices of its own, `global`, or `unknown`; None = the reply may say it."""
    assumed: str | None = None
    """Why it is only assumed: a reason for an estimate."""
    batch: bool = False
    """Whether the deployment is one for batches."""


class GeoFactor(NamedTuple):
    """The factor that a geography multiplies token prices with."""

    component: str
    must_be_listed: bool
    """Without a listed factor the price is unknown; otherwise it is the usual price."""


class Translated(NamedTuple):
    """A reply in OpenAI's format, as its maker's own API would have given it."""

    reply: JSON
    status: Status = "priced"
    """What its cost can be at best."""
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sdk:
    """A Python package that sends requests, and what else may follow them."""

    name: str
    """Its distribution and its module."""
    oldest: tuple[int, int]
    """The first version that is supported."""
    base_url_variable: str
    """Environment variable that sends its requests elsewhere."""
    instrumentors: tuple[tuple[str, str], ...]
    """Module and class of other OpenTelemetry instrumentors of this SDK."""
    customer_header: str | None = None
    """Request header, in lower case, that names the customer a call is made for."""
    streams_need_usage_option: bool = False
    """Whether streams carry usage only when `stream_options.include_usage` requests it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Api:
    """A format of requests and replies. Its functions raise nothing but `Unreadable`."""

    name: str
    sdk: Sdk
    model_word: str | None = None
    """A word that the name of every model of its maker contains, in lower case; None = no such."""
    hyphenated_versions: bool = False
    """Whether its models are called `x-5-5` where gateways write `x-5.5`."""
    posts: frozenset[str] = frozenset()
    """Endpoints without `/v1` that a POST is billed under."""
    posts_by_id: tuple[str, ...] = ()
    """The same with `{id}` in the path."""
    gets: tuple[str, ...] = ()
    """Endpoints that a GET may be billed under."""
    recognises: Callable[[str, JSON], bool]
    """Whether an endpoint or a usage object can only be of this API."""
    recognises_reply: Callable[[JSON], bool]
    """Whether a whole reply says that it is of this API."""
    recognises_event: Callable[[JSON], str | None]
    """Endpoint that an event of a stream shows; None when it shows none of this API."""
    read: Callable[[Provider, JSON, JSON], Usage]
    """Usage of a reply to a request."""
    is_session: Callable[[JSON], bool]
    """Whether a reply is an agent session of this API."""
    read_session: Callable[[Provider, JSON, JSON], Usage]
    """Usage of an agent session so far."""
    from_openai_format: Callable[[JSON, JSON], Translated] | None = None
    """The reply behind one that a gateway translated; None when it is read as it is."""
    stream_reader: Callable[[str], StreamReader]
    """Reader for the streams of one of its endpoints, or of an unknown one."""
    batch_line: Callable[[JSON], BatchLine | None]
    """A line of a batch's results; None when it is none of this API's."""
    write_buckets: tuple[str, str]
    """Buckets of what is written to a cache, for the usual duration and for the longer one."""
    write_seconds: tuple[int, int]
    """How long such writes stay."""
    cut_reasons: tuple[str, ...]
    """Finish reasons of an answer that reached the limit of its request."""
    window_reasons: tuple[str, ...] = ()
    """Finish reasons of an answer that reached the end of the model's context window."""
    unlisted_writes_cost_input: bool = False
    """Whether tokens written to a cache cost as plain input where no price for them is listed."""
    derived_prices: Mapping[str, Decimal] = field(default_factory=dict[str, Decimal])
    """Components that the maker derives from the input price, and the factors."""
    rules: Mapping[str, int] = field(default_factory=dict[str, int])
    """Number of the billing rule behind each bucket, mode or factor."""


def _same_name(model: str) -> str:
    return model


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """Who bills a call, under its `gen_ai.provider.name`."""

    name: str
    company: str = ""
    """Who sells, as FOCUS names it."""
    service: str = ""
    """What the company calls the service."""
    api: Api | None = None
    """Its own API; None for a cloud that sells models of other makers."""
    hosts: tuple[str, ...] = ()
    """Patterns of whole host names in lower case."""
    other_names: tuple[str, ...] = ()
    """What other emitters, and conventions of before `gen_ai.provider.name`, call it."""
    routes: tuple[str, ...] = ()
    """What gateways write before a model that it bills for, as in `anthropic/claude-…`."""
    paths: tuple[tuple[str, str], ...] = ()
    """Patterns of whole paths of its own, and the endpoint they stand for."""
    canonical_name: Callable[[str], str] = _same_name
    """From its own name of a model to the name in the price list of the model's maker."""
    names_deployments: bool = False
    """Whether requests name deployments, as their owner likes, so that only replies name models."""
    has_inference_profiles: bool = False
    """Whether a model id may be that of a profile, which says neither model nor place."""
    place: Callable[[JSON, str | None, str | None], Place] | None = None
    """Where a call was served, from client facts and the requested and the replied model."""
    geo_factors: Mapping[str, GeoFactor] = field(default_factory=dict[str, GeoFactor])
    """Geographies with prices of their own."""
    refuse_unlisted_terms: Callable[[JSON, JSON], None] | None = None
    """Raises `Unreadable` for terms of a request or reply that have prices on no list here."""
    paid_by_customer: Callable[[JSON], bool] | None = None
    """Whether a request is billed to a customer of the caller."""
    takes_stream_options: bool = False
    """Whether its own hosts are known to take `stream_options.include_usage`."""
    stream_options_since: str | None = None
    """First dated API version that takes it; None = every version."""
    invoice_lines: Callable[[date, JSON, HasModel], Iterator[InvoiceLine] | None] | None = None
    """Lines of one result of its cost or usage report; None when the result is another's."""
    invoice_column: str | None = None
    """A column that only the CSV files of its console have."""
    invoice_item: Callable[[str, HasModel], tuple[str, str]] | None = None
    """Model and bucket of a line item; None when its line items name neither."""


HasModel = Callable[[str], bool]
"""Whether the price book has a price for this model of the provider's."""
