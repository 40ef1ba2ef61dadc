# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""OpenAI's usage objects, on OpenAI, Azure and Bedrock.

Input counts are inclusive here: cached, written and audio tokens are parts of the total (openai 1).
Numbers in comments are those of docs/explanation/pricing-rules.md.
"""

from __future__ import annotations

from typing import NamedTuple

from otel_llmcost.providers.counts import Counts, read_counts, unexplained
from otel_llmcost.providers.fields import (
    JSON,
    Unreadable,
    amount,
    count,
    mapping,
    non_zero,
    objects,
    part,
    remainder,
    rest,
    text,
    within,
    word,
)
from otel_llmcost.providers.openai.images import image_buckets
from otel_llmcost.providers.openai.tools import with_tools
from otel_llmcost.providers.provider import Place, Provider
from otel_llmcost.usage import Charge, Quantity, Status, Usage

_TIERS = {
    "default": "standard",
    "standard": "standard",
    "auto": "standard",
    "flex": "flex",
    "priority": "fast",  # openai 8: renamed on 2026-07-30; replies use either name
    "fast": "fast",
    "ultrafast": "ultrafast",
}
_ORDINARY_REQUESTS = (None, "auto", "default", "standard")
_WINDOWS = {"2h": "window_2h", "8h": "window_8h"}
_MODALITIES = frozenset({"text_tokens", "audio_tokens", "image_tokens"})
_TEXT_AND_IMAGE_OUT = ("gpt-image-1.5", "chatgpt-image-latest")


class Tokens(NamedTuple):
    """One usage object, read."""

    buckets: dict[str, Quantity]
    input: int | None = None
    cache_read: int | None = None
    cache_write: int | None = None
    cache_write_long: int | None = None
    output: int | None = None
    reasoning: int | None = None
    reason: str | None = None
    """Why the buckets are only a lower bound or an estimate."""
    status: Status = "priced"


def read(provider: Provider, request: JSON, response: JSON) -> Usage:
    """Usage of any OpenAI reply; raises `Unreadable` where it cannot be priced."""
    client = mapping(request.get("client"))
    endpoint = text(client.get("endpoint")) or ""
    requested, replied = text(request.get("model")), text(response.get("model"))
    # A deployment is named as its owner likes, so there only the reply's model counts (clouds 9).
    profile = text(client.get("inference_profile"))
    model = replied if provider.names_deployments else replied or profile or requested
    tokens = _tokens(response, request, client, endpoint, model)
    place = Place() if provider.place is None else provider.place(client, requested, replied)
    mode = _mode(request, response, place.batch or client.get("batch") is True)
    if _requested_long_writes(request, response) and tokens.cache_write_long is None:
        tokens = _with_long_writes(tokens)
    charges: tuple[Charge, ...] = (Charge(model=model, buckets=tokens.buckets),)
    charges, tool_problem = with_tools(charges, request, response, mode)
    status, reason = tokens.status, tokens.reason
    if tool_problem and status == "priced":
        status, reason = tool_problem
    # openai 10: with `auto` the project decides the tier, and the reply does not say how.
    assumed = place.assumed or ("unknown_tier" if response.get("service_tier") == "auto" else None)
    if assumed and status == "priced":
        status, reason = "estimated", assumed
    return Usage(
        provider=provider.name,
        model=replied or profile or requested,
        response_id=text(response.get("id")),
        finish_reasons=_finish_reasons(response),
        input_tokens=tokens.input,
        cache_read_tokens=tokens.cache_read,
        cache_write_tokens=tokens.cache_write,
        cache_write_long_tokens=tokens.cache_write_long,
        output_tokens=tokens.output,
        reasoning_tokens=tokens.reasoning,
        charges=charges,
        mode=mode,
        geo=None if place.geo == "global" else place.geo,
        status=status,
        reason=reason,
    )


def _tokens(
    response: JSON, request: JSON, client: JSON, endpoint: str, model: str | None
) -> Tokens:
    """Find out which of OpenAI's usage objects this is."""
    if endpoint.endswith("/moderations"):
        return Tokens({"request": 1})  # openai 18: free, and listed so
    usage = mapping(response.get("usage"))
    if not usage:
        if endpoint.endswith("/audio/speech"):
            return _speech(request, client)
        raise Unreadable("no_usage")
    if usage.get("type") == "duration":
        seconds = amount(usage, "seconds")  # openai 17
        if seconds is None:
            raise Unreadable("no_usage")
        return Tokens(non_zero(audio_second=seconds))
    if "seconds" in usage and "input_tokens" not in usage:
        return _live(usage)
    if "input_token_details" in usage or usage.get("type") == "tokens":
        return _checked(_by_modality(usage), usage)
    if "prompt_tokens" in usage:
        return _text(usage, endpoint)
    if endpoint.endswith("/audio/speech"):
        return _checked(_spoken(usage), usage)
    if endpoint.endswith("/decisions"):
        return _decisions(usage, endpoint)
    if "/images/" in endpoint or _has_modalities(usage):
        return _checked(_image(usage, model), usage)
    return _text(usage, endpoint)


def _checked(tokens: Tokens, usage: JSON) -> Tokens:
    """The counts, priced only where they are all that the usage holds."""
    problem = unexplained(usage, tokens.input or 0, tokens.output or 0)
    if tokens.status != "priced" or problem is None:
        return tokens
    return tokens._replace(status="estimated", reason=problem)


def _live(usage: JSON) -> Tokens:
    """A Live session: its running time, and at a lower rate what a WebRTC session was paused.

    The 15 seconds that creating a WebRTC session bills are a part of the time it reports.
    """
    seconds, paused = amount(usage, "seconds"), count(usage, "paused_seconds")
    active = count(usage, "active_seconds")
    if seconds is None:
        raise Unreadable("no_usage")
    if (paused or 0) + (active or 0) > seconds:
        raise Unreadable("contradictory_usage")
    return Tokens(non_zero(audio_second=seconds - (paused or 0), paused_second=paused))


def _decisions(usage: JSON, endpoint: str) -> Tokens:
    """Typed answers to questions: all input at the input rate, cached or not, and free output.

    Not stated on any page of OpenAI that could be read, so never more than an estimate.
    """
    reported = _text(usage, endpoint)
    buckets = non_zero(input=reported.input)
    return reported._replace(buckets=buckets, status="estimated", reason="secondary_source")


def _speech(request: JSON, client: JSON) -> Tokens:
    """openai 17: no usage in the reply; tts-1 is billed by input characters."""
    characters = count(client, "input_characters")
    if characters is None and isinstance(request.get("input"), str):
        characters = len(request["input"])
    if characters is None or text(request.get("model")) not in ("tts-1", "tts-1-hd"):
        raise Unreadable("no_usage")
    return Tokens(non_zero(characters=characters))


def _spoken(usage: JSON) -> Tokens:
    total_in, total_out = count(usage, "input_tokens"), count(usage, "output_tokens")
    if total_in is None:
        raise Unreadable("no_usage")
    return Tokens(
        non_zero(input=total_in, output_audio=total_out), input=total_in, output=total_out
    )


def _text(usage: JSON, endpoint: str) -> Tokens:
    """Chat, legacy completions, embeddings, Responses and compactions."""
    counts = read_counts(usage)
    cached, written = counts.cache_read or 0, counts.cache_write or 0
    audio = counts.input_audio or 0
    if audio and (cached or written):
        raise Unreadable("ambiguous_usage")  # which of the cached tokens were audio is not said
    status, reason = _certainty(counts, usage, endpoint)
    return Tokens(
        non_zero(
            input=rest(counts.input, cached, written, audio),
            input_audio=audio,
            cache_read=cached,
            cache_write_30m=rest(written, counts.cache_write_long or 0),  # openai 3
            cache_write_12h=counts.cache_write_long,
            output=rest(counts.output or 0, counts.output_audio or 0),
            output_audio=counts.output_audio,
        ),
        input=counts.input,
        cache_read=counts.cache_read,
        cache_write=counts.cache_write,
        cache_write_long=counts.cache_write_long,
        output=counts.output,
        reasoning=within(counts.reasoning, counts.output),  # openai 12: a subset of the output
        status=status,
        reason=reason,
    )


def _certainty(counts: Counts, usage: JSON, endpoint: str) -> tuple[Status, str | None]:
    if counts.output is None and not _has_no_output(counts, usage, endpoint):
        return "partial", "no_output_usage"
    return ("estimated", counts.problem) if counts.problem else ("priced", None)


def _has_no_output(counts: Counts, usage: JSON, endpoint: str) -> bool:
    """openai 18: embeddings."""
    alone = "prompt_tokens" in usage and count(usage, "total_tokens") == counts.input
    return endpoint.endswith("/embeddings") or alone


def _requested_long_writes(request: JSON, response: JSON) -> bool:
    for body in (response, request):
        options = body.get("prompt_cache_options")
        if options and (ttl := mapping(options).get("ttl")):
            return ttl == "12h"
    return False


def _with_long_writes(tokens: Tokens) -> Tokens:
    """Writes without their split, after a request for the longer ones, are longer (openai 3)."""
    written = tokens.buckets.get("cache_write_30m")
    if not written:
        return tokens
    kept = {name: value for name, value in tokens.buckets.items() if name != "cache_write_30m"}
    status = "estimated" if tokens.status == "priced" else tokens.status
    return tokens._replace(
        buckets={**kept, "cache_write_12h": written},
        cache_write_long=tokens.cache_write,
        status=status,
        reason=tokens.reason or "cache_ttl_split",
    )


def _by_modality(usage: JSON) -> Tokens:
    """Realtime and token-billed transcription: every modality has a rate of its own (openai 17)."""
    total_in, total_out = count(usage, "input_tokens"), count(usage, "output_tokens")
    if total_in is None:
        raise Unreadable("no_usage")
    details = part(usage, "input_token_details")
    out_details = part(usage, "output_token_details")
    audio, image = count(details, "audio_tokens") or 0, count(details, "image_tokens") or 0
    if details.keys().isdisjoint(_MODALITIES) and total_in:
        raise Unreadable("ambiguous_usage")  # sound and text differ in price, and nothing is split
    plain = remainder(count(details, "text_tokens"), total_in, audio, image)
    cached = count(details, "cached_tokens")
    split = part(details, "cached_tokens_details")
    cached_audio = count(split, "audio_tokens") or 0
    cached_image = count(split, "image_tokens") or 0
    if cached and not split and (audio or image):
        raise Unreadable("ambiguous_usage")
    reported = count(split, "text_tokens")
    cached_text = remainder(reported, cached or 0, cached_audio, cached_image)
    transcript = usage.get("type") == "tokens"  # always text
    if total_out and not transcript and out_details.keys().isdisjoint(_MODALITIES):
        raise Unreadable("ambiguous_usage")
    audio_out = count(out_details, "audio_tokens") or 0
    return Tokens(
        non_zero(
            input=rest(plain, cached_text),
            input_audio=rest(audio, cached_audio),
            input_image=rest(image, cached_image),
            cache_read=cached_text,
            cache_read_audio=cached_audio,
            cache_read_image=cached_image,
            output=remainder(count(out_details, "text_tokens"), total_out or 0, audio_out),
            output_audio=audio_out,
        ),
        input=total_in,
        cache_read=cached,
        output=total_out,
        status="partial" if total_out is None else "priced",
        reason="no_output_usage" if total_out is None else None,
    )


def _has_modalities(usage: JSON) -> bool:
    details = part(usage, "input_tokens_details")
    return "image_tokens" in details and "cached_tokens" not in details


def _image(usage: JSON, model: str | None) -> Tokens:
    """Images API (openai 16)."""
    total_in, total_out = count(usage, "input_tokens"), count(usage, "output_tokens")
    if total_in is None:
        raise Unreadable("no_usage")
    buckets = image_buckets(usage)
    unsplit = "output_tokens_details" not in usage and (model or "").startswith(_TEXT_AND_IMAGE_OUT)
    cached = count(part(usage, "input_tokens_details"), "cached_tokens")
    return Tokens(
        buckets,
        input=total_in,
        cache_read=cached,
        output=total_out,
        status="estimated" if unsplit else "priced",
        reason="no_output_split" if unsplit else None,
    )


def _mode(request: JSON, response: JSON, batch: bool) -> str:
    """The tier is the reply's; batch and windows only the request says (openai 5 to 10)."""
    tier = word(response, "service_tier", "unknown_tier")
    if tier is None:
        if word(request, "service_tier", "unknown_tier") not in _ORDINARY_REQUESTS:
            raise Unreadable("unknown_tier")
        tier = "default"
    if tier == "scale":
        raise Unreadable("committed_capacity")  # openai 10: prepaid units, no price per token
    mode = _TIERS.get(tier)
    if mode is None or (batch and mode != "standard"):
        raise Unreadable("unknown_tier")
    if batch:
        return "batch"
    if "background_options" not in request:
        return mode
    options = mapping(request["background_options"])
    window = word(options, "completion_window", "unknown_tier")
    background = True in (request.get("background"), response.get("background"))
    if mode != "standard" or not background or window in (None, "soonest"):
        return mode
    if window not in _WINDOWS or request.get("stream") is True:
        raise Unreadable("unknown_tier")
    return _WINDOWS[window]  # openai 7


def _finish_reasons(response: JSON) -> tuple[str, ...]:
    reasons = [text(choice.get("finish_reason")) for choice in objects(response.get("choices"))]
    if not reasons:
        why = text(mapping(response.get("incomplete_details")).get("reason"))
        reasons = [why or text(response.get("status"))]
    return tuple(reason for reason in reasons if reason)
