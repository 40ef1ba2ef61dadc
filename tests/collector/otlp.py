# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""OTLP/JSON bodies as services send them: records of ours, and what is around them."""

from __future__ import annotations

import time
from typing import Any


def attribute(key: str, value: str | int | float | bool | list[str]) -> dict[str, Any]:
    if isinstance(value, list):
        values = [{"stringValue": each} for each in value]
        return {"key": key, "value": {"arrayValue": {"values": values}}}
    kinds = {str: "stringValue", bool: "boolValue", int: "intValue", float: "doubleValue"}
    return {"key": key, "value": {kinds[type(value)]: value}}


def record(number: int) -> dict[str, Any]:
    """The span of one record, with every wire type a record has, and a prompt that is not ours."""
    start = time.time_ns() - 5_000_000_000 + number
    attributes: dict[str, str | int | float | bool | list[str]] = {
        "llmcost.record.id": f"{7:016x}{number:016x}",
        "llmcost.record.seq": number,
        "llmcost.feature": "search",
        "llmcost.cost.status": "priced",
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "anthropic",
        "gen_ai.response.model": "claude-sonnet-4-5",
        "gen_ai.request.stream": True,
        "gen_ai.response.finish_reasons": ["end_turn"],
        "gen_ai.usage.input_tokens": 100,
        "gen_ai.usage.output_tokens": 10,
        "gen_ai.usage.cost.amount": 1.2e-7,
        "llmcost.cost.input": 1.2e-7,
        "gen_ai.input.messages": "a prompt",
    }
    return {
        "traceId": f"{number + 1:032x}",
        "spanId": f"{number + 1:016x}",
        "name": "chat claude-sonnet-4-5",
        "kind": 3,
        "startTimeUnixNano": str(start),
        "endTimeUnixNano": str(start + 1_500_000_000),
        "attributes": [attribute(key, value) for key, value in attributes.items()],
        "events": [
            {
                "timeUnixNano": str(start),
                "name": "gen_ai.content.prompt",
                "attributes": [attribute("gen_ai.prompt", "a prompt"), attribute("kept", 1)],
            }
        ],
    }


def traces(*spans: dict[str, Any]) -> dict[str, Any]:
    resource = {"attributes": [attribute("service.name", "shop")]}
    scope = {"name": "otel_llmcost", "version": "0.1.0"}
    return {
        "resourceSpans": [{"resource": resource, "scopeSpans": [{"scope": scope, "spans": spans}]}]
    }


def logs(*records: dict[str, Any]) -> dict[str, Any]:
    resource = {"attributes": [attribute("service.name", "shop")]}
    scope = {"name": "chat.logger"}
    scoped = [{"scope": scope, "logRecords": records}]
    return {"resourceLogs": [{"resource": resource, "scopeLogs": scoped}]}
