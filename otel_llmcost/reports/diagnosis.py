# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""An empty answer says why, and unpriced calls name the setting that prices them."""

from __future__ import annotations

from typing import Any

from otel_llmcost import schema
from otel_llmcost.providers import api_of_model
from otel_llmcost.providers.registry import DEFAULT_API
from otel_llmcost.reports.report import Query, marked, records
from otel_llmcost.reports.selection import Selection
from otel_llmcost.reports.window import Window


def why_empty(query: Query, window: Window, what: str = "rows") -> str:
    """One sentence on why nothing was found, and what to do; `what` names what was looked for."""
    (seen,) = records(query(schema.query("coverage"), window.parameters()))
    if seen["calls_in_window"]:
        return f"No {what} among {seen['calls_in_window']} calls {window}."
    if seen["calls_ever"]:
        return (
            f"No calls {window}; the newest of {seen['calls_ever']} is from "
            f"{seen['newest']:%Y-%m-%d %H:%M} UTC: {window.widen.format(newest=seen['newest'])}."
        )
    if seen["store_has_calls"]:
        return f"The store has calls, but none with {window.filters}."
    return (
        "The store has no records yet: run your app with `otel-llmcost run -- python app.py`, "
        "or check the way to the store with `otel-llmcost doctor --send`."
    )


def unpriced_note(query: Query, window: Window, selection: Selection | None = None) -> str:
    """How many calls have no cost, by reason, each with its fix; "" when every call is priced."""
    found = records(query(*unpriced_reasons(window, selection)))
    return "\n".join(_reason_line(record) for record in found)


def unpriced_reasons(window: Window, selection: Selection | None) -> tuple[str, dict[str, Any]]:
    """The statement that finds why calls have no cost, and its parameters."""
    sql, more = schema.query("unpriced_reasons"), dict[str, list[str]]()
    if selection is not None:
        sql, more = marked(sql, "only", selection.where("c")), selection.parameters
    return sql, window.parameters(**more)


def _reason_line(record: dict[str, Any]) -> str:
    calls, reason = record["calls"], record["reason"] or "no reason given"
    noun = "call" if calls == 1 else "calls"
    return f"{calls} {noun} unpriced ({reason}): {unpriced_fix(record)}"


def unpriced_fix(record: dict[str, Any]) -> str:
    """What to set so that calls like these are priced."""
    hosts, models = ", ".join(record["hosts"]), ", ".join(record["models"]) or "these models"
    match record["reason"]:
        case "unknown_host":
            likely = (api_of_model(models) or DEFAULT_API).name
            setting = ",".join(f"{host}={likely}" for host in record["hosts"] or ["HOST"])
            return (
                f"say who bills for {hosts or 'the host'}: "
                f"LLMCOST_HOSTS={setting} (or another provider)"
            )
        case "unknown_model":
            return f"no price for {models}: add one in a file named by LLMCOST_PRICES"
        case "unknown_tier":
            return f"no price for the service tier of {models}: add one in LLMCOST_PRICES"
        case "no_usage":
            return "the reply carried no usage (for OpenAI streams: stream_options.include_usage)"
        case "awaiting_price":
            return "the next refresh of the store prices them, in a few seconds"
        case reason if str(reason).startswith("foreign"):
            return (
                "only another instrumentation recorded them: install otel-llmcost in that app too"
            )
        case "stream_abandoned" | "stream_truncated":
            return "the stream ended before its usage arrived"
        case _:
            return f"see `otel-llmcost doctor` ({models})"
