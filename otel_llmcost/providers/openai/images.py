# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Usage of OpenAI's image models. Numbers in comments: docs/explanation/pricing-rules.md."""

from __future__ import annotations

from otel_llmcost.providers.fields import JSON, Unreadable, count, non_zero, part, remainder, rest
from otel_llmcost.usage import Quantity


def image_buckets(usage: JSON) -> dict[str, Quantity]:
    """Buckets of an image model's usage, in the Images API or as a tool (openai 15, 16)."""
    total_in, total_out = count(usage, "input_tokens") or 0, count(usage, "output_tokens") or 0
    details = part(usage, "input_tokens_details")
    images = count(details, "image_tokens")
    if images is None and total_in:
        if count(details, "text_tokens") != total_in:
            raise Unreadable("ambiguous_usage")
        images = 0
    text_in = remainder(count(details, "text_tokens"), total_in, images or 0)
    cached = count(usage, "cached_tokens") or count(details, "cached_tokens") or 0
    split = part(usage, "cached_tokens_details") or part(details, "cached_tokens_details")
    cached_image = count(split, "cached_image_tokens") or count(split, "image_tokens") or 0
    if cached and not split and images:
        raise Unreadable("ambiguous_usage")
    reported = count(split, "cached_text_tokens") if split else None
    cached_text = remainder(reported, cached, cached_image)
    out = part(usage, "output_tokens_details")
    text_out = count(out, "text_tokens") or 0
    return non_zero(
        input=rest(text_in, cached_text),
        input_image=rest(images or 0, cached_image),
        cache_read=cached_text,
        cache_read_image=cached_image,
        output=text_out,
        output_image=remainder(count(out, "image_tokens"), total_out, text_out),
    )
